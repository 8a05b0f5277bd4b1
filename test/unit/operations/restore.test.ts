import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromText, PlakarError, SeededRandom } from "../../../src/foundation/index.ts";
import { type RestoreReport, wantedBy } from "../../../src/operations/index.ts";
import { describeTree, makeTree } from "../../support/tree.ts";
import { isRoot, mountMemory, temporaryDirectories, unmount } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();
const MIB = 1 << 20;

function randomBytes(length: number, seed: number): Uint8Array {
  return new SeededRandom(seed).bytes(length);
}

/** When files were last changed in any way. */
function changeTimes(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "latin1" }).map((name) =>
    Buffer.from(name, "latin1"),
  );
  const paths = names.map((name) => Buffer.concat([Buffer.from(`${directory}/`), name]));
  return paths
    .map((path) => lstatSync(path, { bigint: true }))
    .filter((stat) => stat.isFile())
    .map(({ ino, ctimeNs }) => `${ino} ${ctimeNs}`);
}

test("a second restore writes nothing and touches nothing", async () => {
  const { plakar, above } = await makeSmallTree(temporary(), {});
  const tree = join(above, "rich");
  makeTree(tree);
  await plakar.backup(tree);
  const to = join(above, "back");
  const first = await plakar.restore("latest", to);
  expect(first).toMatchObject({ failures: [], filesUnchanged: 0, filesUpdated: 0, bytesWritten: first.bytes });
  const before = changeTimes(to);
  const second = await plakar.restore("latest", to);
  expect(second).toMatchObject({ failures: [], filesUnchanged: second.files, filesUpdated: 0, bytesWritten: 0 });
  expect(describeTree(to)).toStrictEqual(describeTree(tree));
  expect(changeTimes(to)).toStrictEqual(before);
});

test("of a large file only the chunks that differ are written, in place", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), {});
  const content = randomBytes(16 * MIB, 1);
  writeFileSync(join(tree, "large"), content);
  await plakar.backup(tree);
  const to = join(above, "back");
  await plakar.restore("latest", to);
  const file = join(to, "large");
  const { ino } = statSync(file);
  const changed = Buffer.from(content);
  changed[5 * MIB] = (changed[5 * MIB] as number) ^ 1;
  writeFileSync(file, Buffer.concat([changed, Buffer.from("and more")]));
  const report = await plakar.restore("latest", to);
  expect(report).toMatchObject({ failures: [], filesUpdated: 1, filesUnchanged: 0 });
  expect(report.bytesWritten).toBeGreaterThan(0);
  expect(report.bytesWritten).toBeLessThan(9 * MIB); // no chunk is larger than 8 MiB
  expect(readFileSync(file).equals(content)).toBe(true);
  expect(statSync(file).ino).toBe(ino);
});

test("a file that lost its end is completed, and one that was empty is filled", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { a: "the whole of it", b: "more" });
  await plakar.backup(tree);
  const to = join(above, "back");
  await plakar.restore("latest", to);
  writeFileSync(join(to, "a"), "the who");
  writeFileSync(join(to, "b"), "");
  expect(await plakar.restore("latest", to)).toMatchObject({ failures: [], filesUpdated: 2 });
  expect(describeTree(to)).toStrictEqual(describeTree(tree));
});

test("the rule of overwriting decides what happens to what is there", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), {
    old: "from the snapshot",
    new: "from the snapshot",
  });
  for (const name of ["old", "new"]) utimesSync(join(tree, name), 1000, 1000);
  symlinkSync("in-snapshot", join(tree, "link"));
  await plakar.backup(tree);
  const outcomes: Record<string, unknown> = {};
  for (const overwrite of ["always", "if-changed", "if-newer", "never"] as const) {
    const to = join(above, overwrite);
    mkdirSync(to);
    for (const name of ["old", "new"]) writeFileSync(join(to, name), "was there");
    symlinkSync("was-there", join(to, "link"));
    utimesSync(join(to, "old"), 900, 900);
    utimesSync(join(to, "new"), 1100, 1100);
    const held = openSync(join(to, "old"), "r");
    const { failures, filesUpdated, kept } = await plakar.restore("latest", to, { overwrite });
    expect(failures).toStrictEqual([]);
    const old = readFileSync(join(to, "old"), "utf8");
    const recent = readFileSync(join(to, "new"), "utf8");
    const link = readlinkSync(join(to, "link"));
    const inPlace = fstatSync(held).nlink === 1;
    closeSync(held);
    outcomes[overwrite] = { old, recent, link, inPlace, filesUpdated, kept };
  }
  const [before, after] = ["was there", "from the snapshot"];
  expect(outcomes).toStrictEqual({
    always: { old: after, recent: after, link: "in-snapshot", inPlace: false, filesUpdated: 0, kept: 0 },
    "if-changed": { old: after, recent: after, link: "in-snapshot", inPlace: true, filesUpdated: 2, kept: 0 },
    // the link was made a moment ago
    "if-newer": { old: after, recent: before, link: "was-there", inPlace: true, filesUpdated: 1, kept: 2 },
    never: { old: before, recent: before, link: "was-there", inPlace: true, filesUpdated: 0, kept: 3 },
  });
});

test("with never, the other name of a file that was left is not linked to what was there", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { first: "the file" });
  linkSync(join(tree, "first"), join(tree, "second"));
  await plakar.backup(tree);
  const to = join(above, "back");
  mkdirSync(to);
  writeFileSync(join(to, "first"), "was there");
  await plakar.restore("latest", to, { overwrite: "never" });
  expect(readFileSync(join(to, "first"), "utf8")).toBe("was there");
  expect(readFileSync(join(to, "second"), "utf8")).toBe("the file");
});

test("I-06: a file that has another name outside the target is not written to, but made anew", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { shared: "from the snapshot", equal: "equal" });
  chmodSync(join(tree, "equal"), 0o600);
  await plakar.backup(tree);
  const to = join(above, "back");
  mkdirSync(to);
  const outside = join(above, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "shared"), "outside");
  writeFileSync(join(outside, "equal"), "equal");
  chmodSync(join(outside, "equal"), 0o644);
  for (const name of ["shared", "equal"]) linkSync(join(outside, name), join(to, name));
  const before = describeTree(outside).map((line) => line.replace(/ 2 (?=[0-9a-f]{64})/, " 1 "));
  expect(await plakar.restore("latest", to)).toMatchObject({ failures: [] });
  expect(describeTree(outside)).toStrictEqual(before);
  expect(describeTree(to)).toStrictEqual(describeTree(tree));
});

test("hard links that are there already stay", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { first: "the file" });
  linkSync(join(tree, "first"), join(tree, "second"));
  symlinkSync("somewhere", join(tree, "link"));
  linkSync(join(tree, "link"), join(tree, "sub", "link"));
  await plakar.backup(tree);
  const to = join(above, "back");
  await plakar.restore("latest", to);
  const inodes = (): number[] => ["first", "second", "link", "sub/link"].map((name) => lstatSync(join(to, name)).ino);
  const before = inodes();
  expect(await plakar.restore("latest", to)).toMatchObject({ failures: [], filesUnchanged: 1 });
  expect(inodes()).toStrictEqual(before);
  expect(new Set(before).size).toBe(2);
  expect(describeTree(to)).toStrictEqual(describeTree(tree));
});

test("a program that runs is replaced, and goes on running", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), {});
  copyFileSync("/bin/sleep", join(tree, "sleep"));
  await plakar.backup(tree);
  const to = join(above, "back");
  mkdirSync(to);
  copyFileSync("/bin/cat", join(to, "sleep"));
  chmodSync(join(to, "sleep"), 0o755);
  const running = spawn(join(to, "sleep"), { stdio: ["pipe", "pipe", "inherit"] });
  running.stdin.write("still here");
  await once(running.stdout, "data");
  expect(await plakar.restore("latest", to)).toMatchObject({ failures: [], files: 1 });
  expect(describeTree(to)).toStrictEqual(describeTree(tree));
  running.stdin.end(" and here");
  expect(String((await once(running.stdout, "data"))[0])).toBe(" and here");
  await once(running, "exit");
});

test("delete removes what the snapshot does not have, and follows no link", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { kept: "1" });
  await plakar.backup(tree);
  const to = join(above, "back");
  await plakar.restore("latest", to);
  const outside = join(above, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "precious"), "");
  symlinkSync(outside, join(to, "link"));
  mkdirSync(join(to, "sub", "more", "deep"), { recursive: true });
  writeFileSync(join(to, "sub", "more", "deep", "file"), "");
  chmodSync(join(to, "sub", "more", "deep"), 0o500);
  const foreseen = await plakar.restore("latest", to, { delete: true, dryRun: true });
  expect(foreseen).toMatchObject({ failures: [], removed: 4 });
  expect(existsSync(join(to, "sub", "more", "deep", "file"))).toBe(true);
  expect(await plakar.restore("latest", to, { delete: true })).toMatchObject({ failures: [], removed: 4 });
  expect(describeTree(to)).toStrictEqual(describeTree(tree));
  expect(readdirSync(outside)).toStrictEqual(["precious"]);
});

test("delete spares what lies on another file system, and what the user did not ask for", async ({ skip }) => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { kept: "1" });
  await plakar.backup(tree);
  const to = join(above, "back");
  await plakar.restore("latest", to);
  for (const name of ["mounted", "mine"]) mkdirSync(join(to, name));
  const mounted = mountMemory(join(to, "mounted"), "size=64k");
  skip(mounted !== undefined, mounted);
  try {
    writeFileSync(join(to, "mounted", "file"), "");
    const wants = (path: string): "yes" | "no" => (path === "mine" ? "no" : "yes");
    const report = await plakar.restore("latest", to, { delete: true, wants });
    expect(report).toMatchObject({ failures: [], removed: 0 });
    expect(report.warnings).toStrictEqual([expect.stringContaining("another file system is mounted there")]);
    expect(readdirSync(to)).toStrictEqual(["kept", "mine", "mounted", "sub"]);
    expect(readdirSync(join(to, "mounted"))).toStrictEqual(["file"]);
  } finally {
    unmount(join(to, "mounted"));
  }
});

test("a dry run makes nothing, and counts what the restore then does", async () => {
  const { plakar, above } = await makeSmallTree(temporary(), {});
  const tree = join(above, "rich");
  makeTree(tree);
  await plakar.backup(tree);
  const to = join(above, "new", "back");
  const numbers = ({ durationMs: _durationMs, ...others }: RestoreReport): unknown => others;
  const foreseen = await plakar.restore("latest", to, { dryRun: true });
  expect(existsSync(join(above, "new"))).toBe(false);
  expect(numbers(foreseen)).toStrictEqual(numbers(await plakar.restore("latest", to)));
  const large = readdirSync(to).find((name) => (lstatSync(join(to, name), { throwIfNoEntry: false })?.size ?? 0) > MIB);
  writeFileSync(join(to, large ?? ""), "different");
  const before = describeTree(to);
  const again = await plakar.restore("latest", to, { dryRun: true });
  expect(again).toMatchObject({ filesUpdated: 1 });
  expect(describeTree(to)).toStrictEqual(before);
  expect(numbers(again)).toStrictEqual(numbers(await plakar.restore("latest", to)));
});

test("several arguments share a directory, but no file", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { file: "1", other: "2" });
  writeFileSync(join(tree, "sub", "file"), "another");
  writeFileSync(join(tree, "sub", "own"), "own");
  await plakar.backup(tree);
  const to = join(above, "back");
  const report = await plakar.restore("", to, { targets: ["latest:file", "latest:sub", "latest:other"] });
  expect(report.failures).toMatchObject([{ path: "file", code: "restore-collision", damaged: false }]);
  expect(readdirSync(to)).toStrictEqual(["file", "other", "own"]);
  expect(readFileSync(join(to, "file"), "utf8")).toBe("1");
  expect(statSync(to).mode & 0o777).toBe(0o777 & ~process.umask());
  await expect(plakar.restore("", to, { targets: ["latest", "latest"], delete: true })).rejects.toMatchObject({
    code: "restore-delete",
    kind: "usage",
  });
});

test("long runs of zeros become holes unless they are not wanted", async ({ skip }) => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), {});
  const content = Buffer.alloc(8 * MIB + 5);
  content.write("in the middle", 3 * MIB + 100);
  content.write("end", content.length - 3);
  writeFileSync(join(tree, "sparse"), content);
  await plakar.backup(tree);
  const usage = async (to: string, noSparse: boolean): Promise<number> => {
    expect(await plakar.restore("latest", to, { noSparse })).toMatchObject({ failures: [] });
    expect(readFileSync(join(to, "sparse")).equals(content)).toBe(true);
    return statSync(join(to, "sparse")).blocks * 512;
  };
  const full = await usage(join(above, "full"), true);
  skip(full < content.length, "this file system does not store zeros");
  expect(await usage(join(above, "holes"), false)).toBeLessThan(64 << 10);
  // what stands where zeros belong goes, and with it the space it took
  writeFileSync(join(above, "holes", "sparse"), randomBytes(content.length, 2));
  expect(await usage(join(above, "holes"), false)).toBeLessThan(64 << 10);
});

test("a restore that is stopped while it compares leaves no failure that nobody awaits", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), {});
  // several requests to the worker, the later of which wait
  writeFileSync(join(tree, "large"), "");
  truncateSync(join(tree, "large"), 256 * MIB);
  await plakar.backup(tree);
  await plakar.restore("latest", join(above, "back"));
  const forgotten: unknown[] = [];
  const note = (reason: unknown): number => forgotten.push(reason);
  process.on("unhandledRejection", note);
  try {
    const stop = new AbortController();
    const wants = (): "yes" => {
      setImmediate(() => stop.abort(new PlakarError("interrupted", "stop", { kind: "interrupted" })));
      return "yes";
    };
    const run = plakar.restore("latest", join(above, "back"), { wants, signal: stop.signal });
    await expect(run).rejects.toMatchObject({ code: "interrupted" });
    await new Promise((next) => setImmediate(next));
  } finally {
    process.off("unhandledRejection", note);
  }
  expect(forgotten).toStrictEqual([]);
});

test("a file that cannot be mended does not keep its name", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), {});
  const content = randomBytes(12 * MIB, 3);
  writeFileSync(join(tree, "large"), content);
  await plakar.backup(tree);
  const to = join(above, "back");
  await plakar.restore("latest", to);
  const packs = await plakar.store.list("packfiles");
  for (const { id } of packs) {
    const bytes = await plakar.store.get("packfiles", id);
    if (bytes.length < 4 * MIB) continue;
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await plakar.store.delete("packfiles", id);
    await plakar.store.put("packfiles", id, bytes);
  }
  writeFileSync(join(to, "large"), randomBytes(content.length, 4));
  const report = await plakar.restore("latest", to);
  expect(report.failures).toMatchObject([{ path: "large", damaged: true }]);
  expect(report.failures[0]?.message).toContain("large.incomplete");
  expect(readdirSync(to)).toStrictEqual(["large.incomplete", "sub"]);
  rmSync(join(to, "large.incomplete"));
  expect((await plakar.restore("latest", to)).failures).toMatchObject([{ path: "large", damaged: true }]);
  expect(readdirSync(to)).toStrictEqual(["sub"]);
});

test("sockets come back, and devices as root with their numbers", async ({ skip }) => {
  skip(!isRoot, "only root may make devices");
  const { plakar, above, tree } = await makeSmallTree(temporary(), {});
  const { execFileSync } = await import("node:child_process");
  execFileSync("mknod", ["-m", "640", join(tree, "null"), "c", "1", "3"]);
  execFileSync("mknod", ["-m", "600", join(tree, "disk"), "b", "259", "70000"]);
  const { mknod } = await import("../../../src/system/index.ts");
  mknod(join(tree, "socket") as Parameters<typeof mknod>[0], 0o140755);
  chmodSync(join(tree, "socket"), 0o755);
  expect(await plakar.backup(tree, { noXattr: true })).toMatchObject({ failures: [] });
  const to = join(above, "back");
  expect(await plakar.restore("latest", to)).toMatchObject({ failures: [] });
  expect(await plakar.restore("latest", to)).toMatchObject({ failures: [] });
  expect(describeTree(to)).toStrictEqual(describeTree(tree));
  const numbers = (directory: string): number[] =>
    ["null", "disk"].map((name) => lstatSync(join(directory, name)).rdev);
  expect(numbers(to)).toStrictEqual(numbers(tree));
  expect(lstatSync(join(to, "socket")).isSocket()).toBe(true);
});

test("verify reads back what was written", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { a: "one", b: "" });
  writeFileSync(join(tree, "large"), randomBytes(5 * MIB, 5));
  await plakar.backup(tree);
  const to = join(above, "back");
  expect(await plakar.restore("latest", to, { verify: true })).toMatchObject({ failures: [], files: 3 });
  expect(describeTree(to)).toStrictEqual(describeTree(tree));
});

test("patterns choose what is restored, and with it the directories above it", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { "a.md": "1", "a.txt": "2" });
  mkdirSync(join(tree, "docs", "deep"), { recursive: true });
  mkdirSync(join(tree, "src", "skip"), { recursive: true });
  for (const name of ["docs/x.txt", "docs/deep/y.md", "src/z.md", "src/skip/z.md", "sub/none.txt"])
    writeFileSync(join(tree, name), "");
  chmodSync(join(tree, "src"), 0o700);
  await plakar.backup(tree);
  const to = join(above, "back");
  const wants = wantedBy(["*.md", "docs/deep"].map(fromText), ["skip/"].map(fromText));
  const report = await plakar.restore("latest", to, { wants });
  expect(report).toMatchObject({ failures: [], files: 3, directories: 3 });
  expect(readdirSync(to, { recursive: true, encoding: "utf8" }).toSorted()).toStrictEqual([
    "a.md",
    "docs",
    "docs/deep",
    "docs/deep/y.md",
    "src",
    "src/z.md",
  ]);
  expect(statSync(join(to, "src")).mode & 0o777).toBe(0o700);
  mkdirSync(join(to, "src", "extra"));
  for (const name of ["src/extra/w.md", "src/extra/w.txt", "src/more.md"]) writeFileSync(join(to, name), "");
  expect(await plakar.restore("latest", to, { wants, delete: true })).toMatchObject({ failures: [], removed: 2 });
  expect(readdirSync(join(to, "src"), { recursive: true, encoding: "utf8" }).toSorted()).toStrictEqual([
    "extra",
    "extra/w.txt",
    "z.md",
  ]);
});
