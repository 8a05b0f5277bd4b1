import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { programs, Workspace } from "./command-line.ts";

const MANY_FILES = 1000;

let space: Workspace;
beforeEach(() => {
  space = new Workspace();
  mkdirSync(space.path("tree", "many"), { recursive: true });
  writeFileSync(space.path("tree", "a"), "first\n");
  for (let number = 0; number < MANY_FILES; number++) writeFileSync(space.path("tree", "many", `${number}`), "");
  space.plakar("create", "-plaintext");
  space.passphrase = undefined;
});
afterEach(() => space.remove());

/** Runs a command within a shell script, which knows it as "$@". */
function inShell(script: string, ...words: readonly string[]): { code: number | null; out: string; err: string } {
  const { command, environment } = space.invocation(...words);
  const run = spawnSync("/bin/bash", ["-o", "pipefail", "-c", script, "bash", ...command], {
    env: environment,
    encoding: "utf8",
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("a reader that goes away", () => {
  test("ends what only prints, without a complaint", () => {
    space.plakar("backup", space.path("tree"));
    const listed = inShell('"$@" | head -n 2', "ls", "-recursive", "latest");
    expect(listed).toMatchObject({ code: 0, err: "" });
    expect(listed.out.split("\n")).toHaveLength(3);
    writeFileSync(space.path("tree", "long"), Buffer.alloc(5_000_000, "line\n"));
    space.plakar("backup", space.path("tree"));
    // but what was wanted whole is not: of cat the exit code tells, of a restore a line as well
    expect(inShell('"$@" | head -n 1', "cat", "latest:long")).toMatchObject({ code: 1, out: "line\n", err: "" });
    expect(inShell('"$@" | head -n 1', "restore", "-to", "-", "latest:long")).toMatchObject({
      ...{ code: 1, out: "line\n" },
      err: expect.stringContaining("closed before everything was written"),
    });
  });

  test("stops no backup, of which the snapshot is whole and no lock is left", () => {
    const run = inShell('"$@" 2>&1 | head -n 1', "backup", "-verbose", space.path("tree"));
    expect(run.code).toBe(0);
    expect(space.plakar("ls").out.trim().split("\n")).toHaveLength(1);
    expect(readdirSync(`${space.store}/locks`)).toStrictEqual([]);
    expect(space.plakar("check").code).toBe(0);
  });
});

describe("a result that cannot be written", () => {
  beforeEach((context) => context.skip(!existsSync("/dev/full"), "needs /dev/full"));

  test("is an error with the reason, and no fault of the program", () => {
    const run = inShell('"$@" > /dev/full', "version", "-json");
    expect(run.code).toBe(1);
    expect(run.err).toContain("cannot be written");
    expect(run.err).not.toContain("fault of plakar");
  });

  test("loses no backup", () => {
    const run = inShell('"$@" > /dev/full', "backup", space.path("tree"));
    expect(run.code).toBe(1);
    expect(run.err.trim().split("\n")).toHaveLength(2);
    expect(space.plakar("ls").out.trim().split("\n")).toHaveLength(1);
  });

  test("of messages alone is no error", () => {
    expect(inShell('"$@" 2> /dev/full', "backup", "-verbose", space.path("tree")).code).toBe(0);
  });
});

describe("the shapes that scripts rely on", () => {
  test("a backup's last line begins with the id that ls shows", () => {
    const backup = space.plakar("backup", space.path("tree"));
    expect(backup.err).toBe("");
    const id = backup.out.trimEnd().split("\n").at(-1)?.slice(0, 8);
    expect(space.plakar("ls").out).toMatch(new RegExp(`^\\S+Z   ${id}   `));
  });

  test("sizes and durations stand in columns, tags at the end", () => {
    space.plakar("backup", "-force-timestamp", "2026-01-03T03:04:05Z", "-tag", "a,b", space.path("tree"));
    const root = space.path("tree");
    expect(space.plakar("ls").out).toMatch(
      new RegExp(`^2026-01-03T03:04:05Z   [0-9a-f]{8}  {6}6 B {4,8}[0-9.]+s ${root} \\[tags=a,b\\]\n$`),
    );
  });

  test("texts of several lines keep them: help, manual pages, completions, what diag shows", () => {
    const { snapshot } = linesOf(space.plakar("backup", "-json", space.path("tree")).out).at(-1) ?? {};
    for (const words of [["help"], ["help", "backup"], ["help", "-man"], ["help", "-completion", "bash"]]) {
      const { out } = space.bare(...words);
      expect(out).not.toContain("\\x0a");
      expect(out.split("\n").length).toBeGreaterThan(10);
    }
    const shown = space.plakar("diag", "snapshot", String(snapshot)).out;
    expect(shown).toContain(`\n  "identifier": "${String(snapshot)}",\n`);
  });

  test("-json has one object a line, of every command, with names that stay", () => {
    const root = space.path("tree");
    writeFileSync(space.path("tree", "b"), "second");
    const backup = linesOf(space.plakar("backup", "-json", root).out).at(-1);
    expect(backup).toMatchObject({
      ...{ type: "summary", command: "backup", filesNew: MANY_FILES + 2, filesChanged: 0, filesUnchanged: 0 },
      ...{ snapshot: expect.stringMatching(/^[0-9a-f]{64}$/), bytesRead: 12, errors: 0, root },
      bytesAdded: expect.any(Number),
    });
    const snapshot = backup?.["snapshot"];
    expect(linesOf(space.plakar("ls", "-json").out)).toMatchObject([{ type: "snapshot", snapshot, root, tags: [] }]);
    expect(linesOf(space.plakar("ls", "-json", "latest:a").out)).toMatchObject([
      { type: "entry", path: `${root}/a`, kind: "file", sizeBytes: 6 },
    ]);
    expect(linesOf(space.plakar("info", "-json").out)).toMatchObject([{ type: "store", snapshots: 1 }]);
    expect(linesOf(space.plakar("info", "-json", "latest").out)).toMatchObject([{ type: "snapshot", snapshot }]);
    expect(linesOf(space.plakar("check", "-json").out)).toMatchObject([
      { type: "snapshot", snapshot, problems: [] },
      { type: "summary", command: "check", damaged: false, snapshots: 1 },
    ]);
    expect(linesOf(space.plakar("restore", "-json", "-to", space.path("back")).out)).toMatchObject([
      { type: "summary", command: "restore", snapshot, files: MANY_FILES + 2, errors: 0 },
    ]);
    expect(linesOf(space.plakar("diag", "-json", "snapshot").out)[0]).toMatchObject({ type: "diagnostic" });
    for (const words of [
      ["version", "-json"],
      ["-version", "-json"],
      ["-json", "version"],
    ])
      expect(linesOf(space.bare(...words).out)).toMatchObject([{ type: "version" }]);
    const commands = linesOf(space.plakar("help", "-json").out);
    expect(commands).toContainEqual(expect.objectContaining({ type: "command", name: "backup" }));
    expect(linesOf(space.plakar("rm", "-json", String(snapshot)).out)).toMatchObject([{ type: "removed", snapshot }]);
    expect(space.plakar("cat", "-json", "latest:a")).toMatchObject({ code: 2 });
    const failed = space.plakar("digest", "-json", "abcd:a");
    expect(failed.code).toBe(1);
    expect(linesOf(failed.out)).toMatchObject([{ type: "error", code: "snapshot-not-found" }]);
    expect(linesOf(space.plakar("bakcup", "-json").out)).toMatchObject([{ type: "error", code: "usage" }]);
    expect(linesOf(space.bare("create", "-plaintext", "-json", space.path("other")).out)).toMatchObject([
      { type: "store", location: space.path("other"), encrypted: false },
    ]);
  });

  test("no name, tag or location drives a terminal", () => {
    const escape = "\u001b[31m";
    const odd = space.path(`${escape}tree\u202e`);
    mkdirSync(odd);
    writeFileSync(`${odd}/${escape}`, "");
    space.plakar("backup", "-tag", `${escape}tag`, "-name", `${escape}name`, odd);
    for (const words of [["ls"], ["ls", "latest"], ["info", "latest"], ["check"], ["cat", `latest:${escape}no`]]) {
      const { out, err } = space.plakar(...words);
      for (const driver of ["\u001b", "\u202e"]) expect(out + err).not.toContain(driver);
    }
    const nowhere = space.bare("at", space.path(`${escape}nowhere`), "ls");
    expect([nowhere.code, nowhere.err.includes("\u001b")]).toStrictEqual([66, false]);
  });

  test("an unknown command or flag is told in two lines on standard error", () => {
    for (const words of [
      ["bakcup"],
      ["ls", "-recursiv"],
      ["backup", "-cpu", "x"],
      ["backup", ""],
      ["restore", "-to", "/nowhere", ""],
      ["info", "a", "b"],
      ["info", "latest:a"],
      ["login"],
      ["prune"],
      ["version", "-json=false", "now"],
      ["help", "ls", "cat"],
    ]) {
      const { code, out, err } = space.plakar(...words);
      expect([words, code, out, err.trimEnd().split("\n").length]).toStrictEqual([words, 2, "", 2]);
    }
  });

  test("help needs no store, and no words at all are a usage error", () => {
    for (const words of [["-h"], ["help"], ["help", "backup"], ["backup", "-h"], ["backup", "--help"]]) {
      expect(space.bare(...words)).toMatchObject({ code: 0, err: "" });
    }
    const nothing = space.bare();
    expect([nothing.code, nothing.out]).toStrictEqual([2, ""]);
    expect(nothing.err).toContain("plakar help");
  });
});

describe.each(Object.keys(programs))("I-07 with %s", (program) => {
  test("the passphrase is in no file, line or argument", () => {
    const secret = "Unmistakable-Passphrase-0815";
    const secretive = new Workspace(program);
    try {
      secretive.passphrase = secret;
      const outputs = [
        secretive.plakar("create"),
        secretive.plakar("backup", "-verbose", "-trace", space.path("tree")),
        secretive.plakar("info", "-json"),
        secretive.plakar("info", "latest"),
        secretive.plakar("check", "-trace", "-json"),
        secretive.plakar("cat", "-trace", "latest:none"),
        secretive.plakar("ls", "-json", "latest"),
      ];
      secretive.passphrase = `${secret}-wrong`;
      outputs.push(secretive.plakar("ls", "-trace", "-json"));
      for (const { out, err } of outputs) expect(out + err).not.toContain(secret);
      // the cache of the home directory, too
      const found = spawnSync("grep", ["-rlaF", secret, secretive.directory], { encoding: "utf8" });
      expect([found.status, found.stdout]).toStrictEqual([1, ""]);
      secretive.passphrase = secret;
      const listed = secretive.plakar("diag", "snapshot");
      expect(listed.out).toContain("CommandLine");
    } finally {
      secretive.remove();
    }
  });
});
