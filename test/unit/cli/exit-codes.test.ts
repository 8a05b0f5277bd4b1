import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../src/cli/exit-codes.ts";
import { type ErrorKind, PlakarError } from "../../../src/foundation/index.ts";

const project = join(import.meta.dirname, "..", "..", "..");

/** What an item that fails makes of a restore; such errors never end a command. */
const ITEM_FAILED = 3;

/** `| code, code | kind, kind | exit code | what |` of docs/errors.md. */
function documented(): { code: string; kinds: string[]; exit: number }[] {
  const errors = readFileSync(join(project, "docs", "errors.md"), "utf8");
  return [...errors.matchAll(/^\| ([a-z0-9, -]+) \| ([a-z, ]+) \| (\d+)[^|]*\|/gm)].flatMap(
    ([, codes = "", kinds = "", exit]) =>
      codes.split(", ").map((code) => ({ code, kinds: kinds.split(", "), exit: Number(exit) })),
  );
}

test("every documented error has the exit code that its line says", () => {
  const ending = documented().filter(({ exit, kinds }) => exit !== ITEM_FAILED && kinds.length === 1);
  expect(ending.length).toBeGreaterThan(50);
  for (const { code, kinds, exit } of ending) {
    const error = new PlakarError(code, "", { kind: kinds[0] as ErrorKind });
    expect([code, exitCodeOf(error)]).toStrictEqual([code, exit]);
  }
});

test("every error that the sources make is documented", () => {
  const known = new Set(documented().map(({ code }) => code));
  const undocumented = new Set<string>();
  for (const file of globSync("src/**/*.ts", { cwd: project })) {
    const text = readFileSync(join(project, file), "utf8");
    for (const [, code = ""] of text.matchAll(/(?:new PlakarError|\bcorrupted)\(\s*"([a-z0-9-]+)"/g))
      if (!known.has(code)) undocumented.add(code);
  }
  expect([...undocumented]).toStrictEqual([]);
});

describe("what stopped the program decides", () => {
  const interrupted = new PlakarError("interrupted", "", { kind: "interrupted" });
  test.each([
    [undefined, 130],
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 143],
  ] as const)("%s: %i", (signal, code) => {
    expect(exitCodeOf(interrupted, signal)).toBe(code);
  });
});

test("what nobody foresaw is a failure", () => {
  expect(exitCodeOf(new TypeError("undefined is not a function"))).toBe(1);
  expect(exitCodeOf("thrown")).toBe(1);
});
