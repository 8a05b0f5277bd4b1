import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/foundation/index.ts";
import { describeTree, makeTree } from "../support/tree.ts";
import { type Run, Workspace } from "./command-line.ts";

/** Room for the small tree and its store, not for more. */
const DISK = "size=12m";
const MUCH_BYTES = 20_000_000;

function whyNotMounted(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "mounting a small disk needs root on Linux";
  try {
    execFileSync("unshare", ["-m", "true"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "this machine allows no mounts";
  }
}

const reason = whyNotMounted();

describe("a disk", () => {
  let space: Workspace;
  let disk = "";

  beforeEach((context) => {
    context.skip(reason !== undefined, reason);
    space = new Workspace();
    disk = space.path("disk");
    mkdirSync(disk);
    mkdirSync(space.path("tree"));
    makeTree(space.path("tree"));
    execFileSync("mount", ["-t", "tmpfs", "-o", DISK, "tmpfs", disk]);
  });
  afterEach(() => {
    if (reason !== undefined) return;
    execFileSync("umount", [disk]);
    space.remove();
  });

  const at = (...words: string[]): Run => space.bare("at", join(disk, "store"), ...words);
  const saveTree = (): void => {
    expect(at("create").code).toBe(0);
    expect(at("backup", space.path("tree")).code).toBe(0);
  };
  const expectWhole = (): void => {
    expect(at("check").code).toBe(0);
    expect(at("restore", "-to", space.path("back")).code).toBe(0);
    expect(describeTree(space.path("back"))).toStrictEqual(describeTree(space.path("tree")));
    rmSync(space.path("back"), { recursive: true });
  };
  const makeMuch = (): string => {
    const much = space.path("much");
    mkdirSync(much);
    for (let i = 0; i < 4; i++) writeFileSync(join(much, `part-${i}`), new SeededRandom(i).bytes(MUCH_BYTES / 4));
    return much;
  };
  const expectAdvice = (run: Run, says: RegExp): void => {
    expect(run.err).toMatch(says);
    expect(run.err).not.toContain("    at ");
  };

  test("that is full ends a backup with 1; what was saved stays whole, and with room the next one succeeds", () => {
    saveTree();
    const much = makeMuch();
    const run = at("backup", much);
    expect(run).toMatchObject({ code: 1, out: "" });
    expectAdvice(run, /space|full/i);
    expect(readdirSync(join(disk, "store", "locks"))).toEqual([]);
    expectWhole();
    execFileSync("mount", ["-o", "remount,size=200m", disk]);
    expect(at("backup", much).code).toBe(0);
    expect(at("restore", "-to", space.path("back")).code).toBe(0);
    expect(describeTree(space.path("back"))).toStrictEqual(describeTree(much));
    expect(at("check").code).toBe(0);
  });

  test("that is full is said so by create, which can be run again when there is room", () => {
    writeFileSync(join(disk, "ballast"), Buffer.alloc(11 << 20));
    let size = 1 << 20;
    // the last bytes, page by page
    while (size >= 4096) {
      try {
        writeFileSync(join(disk, "ballast"), Buffer.alloc(size), { flag: "a" });
      } catch {
        size >>= 1;
      }
    }
    const run = at("create");
    expect(run).toMatchObject({ code: 1, out: "" });
    expectAdvice(run, /space|full/i);
    rmSync(join(disk, "ballast"));
    saveTree();
    expectWhole();
  });

  test("that is full ends a restore with 1, and never leaves a file that looks whole and is not", () => {
    expect(space.plakar("create").code).toBe(0);
    const much = makeMuch();
    expect(space.plakar("backup", much).code).toBe(0);
    const target = join(disk, "back");
    const run = space.plakar("restore", "-to", target);
    expect(run.code).toBe(1);
    expectAdvice(run, /space|full/i);
    for (const name of readdirSync(target).filter((each) => each.startsWith("part-"))) {
      const whole = readFileSync(join(target, name)).equals(readFileSync(join(much, name)));
      const marked = statSync(join(target, name)).mtimeMs !== statSync(join(much, name)).mtimeMs;
      expect([name, whole || marked]).toEqual([name, true]);
    }
  });

  test("that is read-only is read as ever, and refuses to be written with advice", () => {
    saveTree();
    execFileSync("mount", ["-o", "remount,ro", disk]);
    expect(at("ls").code).toBe(0);
    expectWhole();
    for (const words of [
      ["backup", space.path("tree")],
      ["rm", "latest"],
    ]) {
      const run = at(...words);
      expect([words, run.code]).toEqual([words, 1]);
      expectAdvice(run, /read-only|writ/i);
    }
    execFileSync("mount", ["-o", "remount,rw", disk]);
    expectWhole();
  });
});

describe("two files that changed places", () => {
  let space: Workspace;
  beforeEach(() => {
    space = new Workspace();
    mkdirSync(space.path("tree"));
    makeTree(space.path("tree"));
    space.plakar("create", "-plaintext");
    space.plakar("backup", space.path("tree"));
  });
  afterEach(() => space.remove());

  const exchangeTwo = (kind: string): string[] => {
    const [first = "", second = ""] = readdirSync(join(space.store, kind), { recursive: true, encoding: "utf8" })
      .map((name) => join(space.store, kind, name))
      .filter((path) => statSync(path).isFile());
    const held = space.path("held");
    cpSync(first, held);
    cpSync(second, first);
    cpSync(held, second);
    return [first, second].map((path) => path.split("/").at(-1)?.slice(0, 8) ?? "");
  };

  test("I-03 packfiles are found by check, and nothing of theirs is restored", () => {
    const names = exchangeTwo("packfiles");
    const check = space.plakar("check");
    expect(check.code).toBe(65);
    for (const name of names) expect(check.out).toContain(name);
    const restored = space.plakar("restore", "-to", space.path("back"));
    expect(restored.code).toBe(65);
    expect(restored.out).not.toContain("restored 130 files");
  });

  test("I-03 states are found by check, and every other command says so and ends with 65", () => {
    writeFileSync(space.path("tree", "more"), "more");
    space.plakar("backup", space.path("tree"));
    const names = exchangeTwo("states");
    rmSync(space.path("home"), { recursive: true }); // what an honest cache knows is not read again
    const check = space.plakar("check");
    expect(check.code).toBe(65);
    const listed = space.plakar("ls");
    expect(listed.code).toBe(65);
    for (const name of names) {
      expect(check.out).toContain(`state ${name} is not what was stored under its name`);
      expect(listed.err).toContain(`state ${name} is not what was stored under its name`);
    }
    exchangeTwo("states");
    expect(space.plakar("check")).toMatchObject({ code: 0, err: "" });
  });
});
