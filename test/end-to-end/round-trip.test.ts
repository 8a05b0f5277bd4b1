import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeTree, makeTree } from "../support/tree.ts";
import { programs, Workspace } from "./command-line.ts";

const kinds: Readonly<Record<string, readonly string[]>> = {
  encrypted: [],
  plaintext: ["-plaintext"],
  SHA256: ["-plaintext", "-hashing", "SHA256"],
  uncompressed: ["-no-compression"],
};

function storeBytes(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

describe.each(Object.keys(programs))("%s", (program) => {
  let space: Workspace;
  beforeEach(() => {
    space = new Workspace(program);
    mkdirSync(space.path("tree"));
    makeTree(space.path("tree"));
  });
  afterEach(() => space.remove());

  test.each(Object.entries(kinds))("brings a tree back as it was from a store that is %s", (_kind, flags) => {
    expect(space.plakar("create", ...flags).code).toBe(0);
    expect(space.plakar("backup", space.path("tree")).code).toBe(0);
    expect(space.plakar("check").code).toBe(0);
    const restored = space.plakar("restore", "-to", space.path("back"));
    expect(restored).toMatchObject({ code: 0 });
    expect(describeTree(space.path("back"))).toStrictEqual(describeTree(space.path("tree")));
    expect(statSync(space.path("back")).mode).toBe(statSync(space.path("tree")).mode);
  });

  test("reads nothing of an unchanged tree and adds less than 80 KiB", () => {
    space.plakar("create");
    space.plakar("backup", space.path("tree"));
    const before = storeBytes(space.store);
    const run = space.plakar("backup", "-json", space.path("tree"));
    const summary = JSON.parse(run.out.trim().split("\n").at(-1) ?? "") as Record<string, number>;
    expect(summary).toMatchObject({ filesNew: 0, filesChanged: 0, bytesRead: 0, filesUnchanged: 130 });
    expect(storeBytes(space.store) - before).toBeLessThan(80 * 1024);
    expect(summary["bytesAdded"]).toBe(storeBytes(space.store) - before);
    // what lies above the root changes all the time, and is not the user's subject
    utimesSync(space.directory, 1, 1);
    const skipped = space.plakar("backup", "-skip-unchanged", space.path("tree"));
    expect(skipped.code).toBe(0);
    expect(space.plakar("ls").out.trim().split("\n")).toHaveLength(2);
  });
});

describe("the command line", () => {
  let space: Workspace;
  beforeEach(() => {
    space = new Workspace();
    mkdirSync(space.path("tree"));
    writeFileSync(space.path("tree", "a"), "first\n");
  });
  afterEach(() => space.remove());

  test("lists, shows and removes snapshots", () => {
    space.plakar("create", "-plaintext");
    const backup = space.plakar("backup", "-tag", "one,two", space.path("tree"));
    const id = backup.out.slice(0, 8);
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(space.plakar("ls").out).toMatch(
      new RegExp(
        `^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ   ${id} +6 B +0(\\.\\d)?s ${space.path("tree")} \\[tags=one,two\\]\n$`,
      ),
    );
    expect(space.plakar("cat", `${id}:a`)).toMatchObject({ code: 0, out: "first\n" });
    expect(space.plakar("cat", `${id}:${space.path("tree", "a")}`).out).toBe("first\n");
    expect(space.plakar("restore", "-to", space.path("one"), `${id}:a`).code).toBe(0);
    expect(readFileSync(space.path("one", "a"), "utf8")).toBe("first\n");
    expect(space.plakar("rm", id)).toMatchObject({ code: 0 });
    expect(space.plakar("ls").out).toBe("");
    expect(space.plakar("cat", `${id}:a`).code).toBe(1);
  });

  test("says what is wrong in two or three lines, with the designed exit code", () => {
    space.plakar("create");
    writeFileSync(space.path("not-empty"), "");
    const cases: [number, string[]][] = [
      [2, ["bakcup"]],
      [2, ["backup", "-tags"]],
      [2, ["login"]],
      [1, ["cat", "abcdef:a"]],
      [1, ["rm"]],
      [1, ["backup", space.path("missing")]],
      [1, ["create"]],
    ];
    for (const [code, words] of cases) {
      const run = space.plakar(...words);
      expect([words, run.code, run.out]).toStrictEqual([words, code, ""]);
      expect(run.err.trim().split("\n").length).toBeLessThanOrEqual(3);
      expect(run.err).not.toContain("    at ");
    }
    expect(space.bare("at", space.path("nowhere"), "ls").code).toBe(66);
    space.passphrase = "another one";
    expect(space.plakar("ls").code).toBe(77);
    space.passphrase = undefined;
    expect(space.plakar("ls").code).toBe(77);
    expect(space.plakar("backup", "-h").code).toBe(0);
  });

  test("I-05 an item that cannot be read is listed, recorded, and makes the exit code 3", (context) => {
    if (process.getuid?.() !== 0) context.skip("needs root to run the program as another user");
    space.plakar("create", "-plaintext");
    writeFileSync(space.path("tree", "b"), "second");
    const run = space.plakar("backup", "/proc/self/mem");
    expect(run.code).toBe(3);
    expect(run.err).toContain("/proc/");
    expect(space.plakar("info", "-errors", "latest").out).toContain("mem");
    expect(space.plakar("check").out).toContain("partial");
  });

  test("says with -dry-run what a backup would add, and stores nothing", () => {
    space.plakar("create", "-plaintext");
    const stored = (): string[] => readdirSync(space.store, { recursive: true, encoding: "utf8" }).toSorted();
    const before = stored();
    const run = space.plakar("backup", "-dry-run", space.path("tree"));
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/^dry run of .*\/tree, nothing is stored: 1 new, .* would add \d/);
    expect(stored()).toStrictEqual(before);
    const json = space.plakar("backup", "-dry-run", "-json", space.path("tree"));
    expect(JSON.parse(json.out.trim().split("\n").at(-1) ?? "")).toMatchObject({ snapshot: null, bytesRead: 6 });
    expect(stored()).toStrictEqual(before);
  });

  test("refuses a key for a store that has none, and warns of a passphrase without use", () => {
    writeFileSync(space.path("key"), "the passphrase\n");
    expect(space.plakar("create", "-plaintext", "-keyfile", space.path("key")).code).toBe(2);
    space.plakar("create", "-plaintext");
    const refused = space.plakar("ls", "-keyfile", space.path("key"));
    expect(refused).toMatchObject({ code: 77, out: "" });
    expect(refused.err).toContain("CONFIG");
    expect(space.plakar("backup", space.path("tree")).err).toContain("PLAKAR_PASSPHRASE is of no use");
    space.passphrase = undefined;
    expect(space.plakar("backup", space.path("tree"))).toMatchObject({ code: 0, err: "" });
  });

  test("takes the passphrase from -keyfile before the environment", () => {
    writeFileSync(space.path("key"), "the passphrase\r\n");
    expect(space.plakar("create", "-keyfile", space.path("key")).code).toBe(0);
    expect(space.plakar("ls").code).toBe(77);
    space.passphrase = "the passphrase";
    expect(space.plakar("ls").code).toBe(0);
    space.passphrase = undefined;
    for (const content of ["", "\n"]) {
      writeFileSync(space.path("empty"), content);
      expect(space.plakar("ls", "-keyfile", space.path("empty")).code).not.toBe(0);
    }
    expect(space.plakar("ls", "-keyfile", space.path("missing")).code).toBe(77);
  });

  test("keeps its own store out of a backup", () => {
    space.plakar("create", "-plaintext");
    const run = space.plakar("backup", space.directory);
    expect(run.code).toBe(0);
    expect(run.err).toContain("store");
    expect(space.plakar("ls", "-recursive", "latest").out).not.toContain("packfiles");
  });
});
