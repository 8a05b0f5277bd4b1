import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, lstatSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { fromText } from "../../../src/foundation/index.ts";
import { createMemoryStore } from "../../../src/store/index.ts";
import { inodeFlags, setInodeFlags } from "../../../src/system/index.ts";
import { InProcess } from "../../support/in-process.ts";
import { isRoot, temporaryDirectories } from "./temporary.ts";

const temporary = temporaryDirectories();
const frozen: string[] = [];
afterEach(() => {
  for (const directory of frozen.splice(0)) spawnSync("chattr", ["-R", "-i", "-a", directory]);
});

/** Why flags cannot be tried here. */
function noFlags(directory: string): string | undefined {
  if (!isRoot) return "only root may set flags";
  frozen.push(directory);
  const file = join(directory, ".probe");
  writeFileSync(file, "");
  const tried = spawnSync("chattr", ["+i", file], { encoding: "utf8" });
  spawnSync("chattr", ["-i", file]);
  return tried.status === 0 ? undefined : `no flags here: ${tried.error?.message ?? tried.stderr}`;
}

function seen(path: string): string {
  return inodeFlags(fromText(path), lstatSync(path, { bigint: true }).dev);
}

/** What lsattr(1) says, of the flags that we know. */
function listed(path: string): string {
  const [flags = ""] = execFileSync("lsattr", ["-d", path], { encoding: "utf8" }).split(" ");
  return flags
    .split("")
    .filter((letter) => "acdi".includes(letter))
    .toSorted()
    .join("");
}

test("flags are those that lsattr sees, and those that are set are those that it then sees", ({ skip }) => {
  const directory = temporary();
  const reason = noFlags(directory);
  skip(reason !== undefined, reason);
  const file = join(directory, "file");
  writeFileSync(file, "x");
  for (const flags of ["", "d", "i", "a", "adi", ""]) {
    execFileSync("chattr", ["-i", "-a", file]);
    const descriptor = openSync(file, "r");
    try {
      setInodeFlags(descriptor, flags);
    } finally {
      closeSync(descriptor);
    }
    expect([seen(file), listed(file)]).toStrictEqual([flags, flags]);
  }
  symlinkSync(directory, join(directory, "link"));
  execFileSync("chattr", ["+d", directory]);
  expect(seen(directory)).toBe("d");
  expect(seen(join(directory, "link"))).toBe("");
  execFileSync("chattr", ["-d", directory]);
  expect(() => seen(join(directory, "none"))).toThrow("ENOENT");
});

describe("files and directories with flags", () => {
  test("come back with them, and once more over what is there", async ({ skip }) => {
    const above = temporary();
    const reason = noFlags(above);
    skip(reason !== undefined, reason);
    const tree = join(above, "tree");
    mkdirSync(join(tree, "shut"), { recursive: true });
    for (const name of ["plain", "fixed", "grows", "shut/inner"]) writeFileSync(join(tree, name), name);
    execFileSync("ln", [join(tree, "fixed"), join(tree, "second name")]);
    execFileSync("chattr", ["+i", join(tree, "fixed"), join(tree, "shut/inner")]);
    execFileSync("chattr", ["+a", join(tree, "grows")]);
    execFileSync("chattr", ["+i", "+d", join(tree, "shut")]);
    const plakar = new InProcess(createMemoryStore());
    await plakar.create();
    expect(await plakar.backup(tree)).toMatchObject({ failures: [] });
    const back = join(above, "back");
    for (let round = 0; round < 2; round++) {
      expect(await plakar.restore("latest", back)).toMatchObject({ failures: [], warnings: [] });
      for (const name of ["plain", "fixed", "grows", "second name", "shut", "shut/inner"]) {
        expect([name, listed(join(back, name))]).toStrictEqual([name, listed(join(tree, name))]);
      }
    }
    expect(listed(join(back, "shut"))).toBe("di");
    execFileSync("chattr", ["-i", join(tree, "shut")]);
    expect(await plakar.backup(tree)).toMatchObject({ failures: [], filesUnchanged: 5 });
    expect((await plakar.check()).damaged).toBe(false);
  });
});
