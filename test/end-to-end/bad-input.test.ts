import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/foundation/index.ts";
import { describeTree, makeTree } from "../support/tree.ts";
import { isRoot, mountMemory, unmount } from "../unit/system/temporary.ts";
import { Workspace } from "./command-line.ts";

let space: Workspace;
let tree = "";

beforeEach(() => {
  space = new Workspace("dist/plakar");
  tree = space.path("tree");
  mkdirSync(tree);
  space.plakar("create");
});
afterEach(() => space.remove());

/** Directories in each other until the path is longer than a system call takes; answers how many bytes it has. */
function makeDeep(directory: string): number {
  const home = process.cwd();
  const name = "d".repeat(200);
  let bytes = directory.length;
  try {
    process.chdir(directory);
    for (let depth = 0; depth < 25; depth++) {
      mkdirSync(name);
      process.chdir(name);
      bytes += name.length + 1;
    }
    writeFileSync("bottom", "far down");
  } finally {
    process.chdir(home);
  }
  return bytes;
}

test("a path of more than 4,096 bytes is told, and everything above it is saved and comes back", () => {
  writeFileSync(join(tree, "beside"), "saved");
  expect(makeDeep(tree)).toBeGreaterThan(5000);
  const run = space.plakar("backup", tree);
  expect(run).toMatchObject({ code: 3, err: expect.stringContaining("too long") });
  expect(space.plakar("check")).toMatchObject({ code: 0, out: expect.stringContaining("partial") });
  expect(space.plakar("restore", "-to", space.path("back"), "latest").code).toBe(3);
  expect(readdirSync(space.path("back")).toSorted()).toStrictEqual(["beside", "d".repeat(200)].toSorted());
  expect(space.plakar("rm", "latest").code).toBe(0);
});

test("an argument of 4,096 bytes is a clear error of every command that takes a path", () => {
  const long = `/${"l".repeat(200)}`.repeat(21);
  writeFileSync(join(tree, "file"), "x");
  space.plakar("backup", tree);
  for (const words of [
    ["backup", long],
    ["restore", "-to", long, "latest"],
    ["cat", `latest:${long}`],
    ["ls", `latest:${long}`],
    ["backup", "-ignore-file", long, tree],
  ]) {
    const { code, err } = space.plakar(...words);
    expect([1, 2], `${words[0]}: ${err}`).toContain(code);
    expect(err).toMatch(/^plakar: /);
    expect(err).not.toContain("fault of plakar");
  }
  expect(space.bare("at", long, "ls")).toMatchObject({ code: 66, err: expect.stringContaining("plakar: ") });
});

test("100,000 entries in one directory are saved, listed, checked and restored", () => {
  mkdirSync(join(tree, "many"));
  for (let index = 0; index < 100_000; index++) writeFileSync(join(tree, "many", `entry-${index}`), "");
  writeFileSync(join(tree, "many", "with content"), "x");
  expect(space.plakar("backup", tree).code).toBe(0);
  expect(space.plakar("ls", "latest:many").out.trim().split("\n")).toHaveLength(100_001);
  expect(space.plakar("check").code).toBe(0);
  expect(space.plakar("backup", tree).out).toContain("read 0 B");
  expect(space.plakar("restore", "-to", space.path("back"), "latest").code).toBe(0);
  expect(readdirSync(space.path("back", "many")).toSorted()).toStrictEqual(readdirSync(join(tree, "many")).toSorted());
}, 240_000);

describe("a target", () => {
  beforeEach(() => {
    makeTree(tree);
    space.plakar("backup", tree);
  });

  test("that is a file, or lies below one, is refused and stays as it is", () => {
    writeFileSync(space.path("target"), "mine");
    for (const to of [space.path("target"), space.path("target", "below")]) {
      const { code, err } = space.plakar("restore", "-to", to, "latest");
      expect(code).toBe(1);
      expect(err).toContain("plakar: ");
    }
    expect(describeTree(space.directory).find((line) => line.startsWith("/target "))).toContain(" 4 ");
  });

  test("that is no path of a directory is refused in two lines", () => {
    symlinkSync("circle", space.path("circle"));
    symlinkSync("nothing", space.path("astray"));
    for (const [to, reason] of [
      [space.path("circle"), "lead in a circle"],
      [space.path("circle", "below"), "lead in a circle"],
      [space.path("astray"), "leads nowhere"],
      [space.path("n".repeat(300)), "longer than the system allows"],
      [space.path("d/".repeat(2100)), "longer than the system allows"],
    ] as const) {
      const { code, err } = space.plakar("restore", "-to", to, "latest");
      expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(reason) });
      expect(err.trim().split("\n")).toHaveLength(2);
      expect(err.length).toBeLessThan(1000);
    }
  });

  test("above the store gets what the snapshot has, but nothing into the store", () => {
    const inner = join(tree, "store", "packfiles");
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, "stranger"), "x");
    writeFileSync(join(tree, "store", "CONFIG"), "x");
    space.plakar("backup", tree);
    const before = describeTree(space.store);
    for (const flags of [[], ["-overwrite", "always"], ["-delete"], ["-dry-run"]]) {
      const { code, err } = space.plakar("restore", ...flags, "-to", space.directory, "latest");
      expect({ flags, code, err }).toMatchObject({
        code: 3,
        err: expect.stringContaining("the store itself is there"),
      });
      expect(describeTree(space.store)).toStrictEqual(before);
    }
  });

  test("that is not empty keeps what the snapshot does not have, and gets what it has", () => {
    mkdirSync(space.path("target", "deep"), { recursive: true });
    writeFileSync(space.path("target", "deep", "mine"), "mine");
    writeFileSync(space.path("target", "text.txt"), "older");
    expect(space.plakar("restore", "-to", space.path("target"), "latest").code).toBe(0);
    const lines = describeTree(space.path("target")).filter((line) => !line.startsWith("/deep/mine "));
    expect(lines).toStrictEqual(describeTree(tree));
    expect(existsSync(space.path("target", "deep", "mine"))).toBe(true);
  });

  test("that is the store, or lies in it, by whatever way, is refused, and the store stays as it is", () => {
    const before = describeTree(space.store);
    symlinkSync(space.store, space.path("way in"));
    for (const to of [space.store, join(space.store, "packfiles"), join(space.store, "new"), space.path("way in")]) {
      for (const flags of [[], ["-delete"], ["-dry-run"]]) {
        const { code, err } = space.plakar("restore", ...flags, "-to", to, "latest");
        expect({ to, code, err }).toMatchObject({ code: 1, err: expect.stringContaining("the store itself") });
      }
    }
    expect(describeTree(space.store)).toStrictEqual(before);
    // what lies beside it goes, and it stays
    writeFileSync(space.path("stranger"), "x");
    space.plakar("restore", "-delete", "-to", space.directory, "latest");
    expect(existsSync(space.path("stranger"))).toBe(false);
    expect(describeTree(space.store)).toStrictEqual(before);
  });

  test("above the store, which was named by another way, loses what -delete removes, but not the store", () => {
    const before = describeTree(space.store);
    mkdirSync(space.path("ways"));
    symlinkSync(space.directory, space.path("ways", "there"));
    // below the target lie the store and the way to it
    const there = space.path("ways", "there", "store");
    const target = space.directory;
    const { err } = space.bare("at", there, "restore", "-delete", "-to", target, "latest");
    expect(err).toContain("it is the store itself");
    expect(describeTree(space.store)).toStrictEqual(before);
  });

  test("on another file system gets everything", ({ skip }) => {
    mkdirSync(space.path("target"));
    const reason = mountMemory(space.path("target"), "size=32m");
    skip(reason !== undefined, reason);
    try {
      expect(space.plakar("restore", "-to", space.path("target"), "latest").code).toBe(0);
      expect(describeTree(space.path("target"))).toStrictEqual(describeTree(tree));
    } finally {
      unmount(space.path("target"));
    }
  });

  test("that may not be written is refused with advice", ({ skip }) => {
    mkdirSync(space.path("shut"));
    const reason = isRoot ? mountMemory(space.path("shut"), "ro,size=64k") : undefined;
    skip(reason !== undefined, reason);
    const target = space.path("shut", "target");
    if (!isRoot) chmodSync(space.path("shut"), 0o500);
    try {
      const { code, err } = space.plakar("restore", "-to", target, "latest");
      expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(/^plakar: .*\n.+/) });
    } finally {
      if (isRoot) unmount(space.path("shut"));
    }
  });
});

describe("Ctrl-C", () => {
  beforeEach(() => {
    makeTree(tree);
    for (let index = 0; index < 40; index++)
      writeFileSync(join(tree, `large-${index}`), new SeededRandom(index).bytes(1_500_000));
    space.plakar("backup", tree);
  });

  /** Ends a command after so many milliseconds, whatever it is doing then. */
  async function interrupted(words: readonly string[], afterMs: number): Promise<number | null> {
    const { command, environment } = space.invocation(...words);
    const child = spawn(command[0] as string, command.slice(1), { env: environment, stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    await pause(afterMs);
    child.kill("SIGINT");
    return await ended;
  }

  test.each([
    ["backup", ["backup", "-no-xattr"]],
    ["restore", ["restore", "-to"]],
    ["check", ["check"]],
  ])(
    "during %s, whenever it comes, ends it with 130 or at its own end, and leaves a sound store and no lock",
    async (name, words) => {
      const random = new SeededRandom(11);
      for (let round = 0; round < 6; round++) {
        const to = space.path(`back-${round}`);
        for (let index = 0; index < 20; index++)
          if (name === "backup")
            writeFileSync(join(tree, `large-${index}`), new SeededRandom(round * 100 + index).bytes(1_500_000));
        const whole = name === "backup" ? [...words, tree] : name === "restore" ? [...words, to, "latest"] : words;
        const code = await interrupted(whole, random.below(700));
        // before the program has set its handlers the kernel ends it
        expect([0, 130, null], `${code}`).toContain(code);
        expect(readdirSync(join(space.store, "locks"))).toStrictEqual([]);
      }
      expect(space.plakar("check").code).toBe(0);
      expect(space.plakar("backup", tree).code).toBe(0);
      expect(space.plakar("restore", "-to", space.path("back"), "latest").code).toBe(0);
      expect(describeTree(space.path("back"))).toStrictEqual(describeTree(tree));
    },
    120_000,
  );

  test.each(["backup", "restore", "check"])("ends a %s that waits for a limit of bytes a second", async (name) => {
    writeFileSync(join(tree, "new"), new SeededRandom(5).bytes(1_500_000));
    // one byte a second: the first wait alone would take a day
    const limit = name === "backup" ? "-limit-upload" : "-limit-download";
    const words = { backup: [tree], restore: ["-to", space.path("limited"), "latest"], check: [] }[name] ?? [];
    const code = await interrupted([name, limit, "1", ...words], 1500);
    expect(code).toBe(130);
    expect(readdirSync(join(space.store, "locks"))).toStrictEqual([]);
  });
});
