import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const project = join(import.meta.dirname, "..");
/** Where an invariant stands whose code is still to come. */
const COMING = /^with /;

test("every invariant of docs/invariants.md has tests that bear its number, and names files that exist", () => {
  const rows = [
    ...readFileSync(join(project, "docs", "invariants.md"), "utf8").matchAll(/^\| (I-\d\d) \|.*\| (.+) \|$/gm),
  ];
  expect(rows).toHaveLength(10);
  const tests = globSync("test/**/*.test.ts", { cwd: project }).map((file) =>
    readFileSync(join(project, file), "utf8"),
  );
  for (const [, number = "", where = ""] of rows) {
    if (COMING.test(where)) continue;
    const title = new RegExp(`["'\`](?:I-\\d\\d )*${number}[: ]`);
    expect([number, tests.some((text) => title.test(text))]).toStrictEqual([number, true]);
    const files = [...where.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => join("src", path));
    expect(globSync(files, { cwd: project }).toSorted()).toStrictEqual(files.toSorted());
  }
});
