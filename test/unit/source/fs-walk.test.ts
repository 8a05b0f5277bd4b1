import { chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromText } from "../../../src/foundation/index.ts";
import { openFsSource } from "../../../src/source/index.ts";
import {
  isRoot,
  moduleUrl,
  mountMemory,
  runAsOrdinaryUser,
  temporaryDirectories,
  unmount,
} from "../system/temporary.ts";
import { shapeOf, walkAll } from "./walk-all.ts";

const temporary = temporaryDirectories();

function makeTree(root: string, files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), file);
  }
}

test("directories come depth first, each before what is below it, children in byte order", async () => {
  const root = temporary();
  makeTree(root, ["b/1", "a/z/2", "a/y/3", "a-b/4", "B/5", "a/x", "é/6"]);
  const walked = await walkAll([root]);
  expect(shapeOf(walked).directories.map((path) => Buffer.from(path, "latin1").toString())).toEqual([
    ".",
    "B",
    "a",
    "a/y",
    "a/z",
    "a-b",
    "b",
    "é",
  ]);
  expect(walked.directories[2]?.children.map(({ info }) => info.name)).toEqual(["x", "y", "z"]);
});

test("a directory of 20,000 entries is listed whole and in order", async () => {
  const root = temporary();
  for (let index = 0; index < 20_000; index++) writeFileSync(join(root, `f${(index * 7919) % 20_000}`), "");
  const { directories, failures } = await walkAll([root]);
  expect([directories.length, failures.length]).toEqual([1, 0]);
  const names = directories[0]?.children.map(({ info }) => info.name) ?? [];
  expect(names).toHaveLength(20_000);
  expect(names).toEqual(names.toSorted());
});

test("timers run while a large directory is listed", async () => {
  const root = temporary();
  for (let index = 0; index < 3000; index++) writeFileSync(join(root, `f${index}`), "");
  let ran = false;
  setImmediate(() => {
    ran = true;
  });
  const source = await openFsSource({ paths: [root], hostName: "host" });
  for await (const directory of source.walk()) expect([ran, directory.children.length]).toEqual([true, 3000]);
});

test("a tree of 1,000 levels is walked", async () => {
  const root = temporary();
  const deep = Array.from({ length: 1000 }, () => "d").join("/");
  mkdirSync(join(root, deep), { recursive: true });
  const { directories } = await walkAll([root]);
  expect(directories).toHaveLength(1001);
});

test("an aborted walk stops", async () => {
  const root = temporary();
  makeTree(root, ["a/1", "b/2", "c/3"]);
  const controller = new AbortController();
  const source = await openFsSource({ paths: [root], hostName: "host" });
  const seen: string[] = [];
  const walk = async (): Promise<void> => {
    for await (const { item } of source.walk(controller.signal)) {
      seen.push(item.path);
      controller.abort();
    }
  };
  await expect(walk()).rejects.toMatchObject({ code: "interrupted", kind: "interrupted" });
  expect(seen).toEqual([root]);
});

test("an item that vanishes while its directory is listed is a failure, and the walk goes on", async () => {
  const root = temporary();
  makeTree(root, ["a", "b", "c", "d/e", "z"]);
  const { items, failures } = await walkAll([root], {
    leaveOut: { patterns: ["a", "z"].map(fromText) },
    onLeftOut: (path) => {
      if (path.endsWith("/a")) rmSync(join(root, "b"));
      else rmSync(join(root, "d"), { recursive: true });
    },
  });
  expect([...items.keys()]).toEqual([".", "c", "d"]);
  expect(failures).toEqual([
    { path: join(root, "b"), message: "cannot read it: no such file or directory (ENOENT)" },
    { path: join(root, "d"), message: "cannot list it: no such file or directory (ENOENT)" },
  ]);
});

test("what is left out is neither listed nor walked, unless it was given by name", async () => {
  const root = temporary();
  makeTree(root, ["keep/file", "skip/file", "file.tmp", "keep/file.tmp"]);
  const leftOut: string[] = [];
  const options = {
    leaveOut: { patterns: ["*.tmp", "skip/"].map(fromText) },
    onLeftOut: (path: string): unknown => leftOut.push(path.slice(root.length + 1)),
  };
  const walked = await walkAll([root], options);
  expect(shapeOf(walked).items).toEqual([".", "keep", "keep/file"]);
  expect(shapeOf(walked).directories).toEqual([".", "keep"]);
  expect(leftOut).toEqual(["file.tmp", "skip", "keep/file.tmp"]);
  const named = await walkAll([join(root, "file.tmp"), join(root, "keep")], options);
  expect(shapeOf(named).items).toEqual([".", "file.tmp", "keep", "keep/file"]);
});

test("patterns are relative to the root, and .gitignore files to where they lie, the nearest first", async () => {
  const root = temporary();
  makeTree(root, ["a/log", "b/log", "b/c/log", "b/c/keep", "b/x.o", "b/c/x.o", "top"]);
  writeFileSync(join(root, ".gitignore"), "*.o\n/top\n");
  writeFileSync(join(root, "b", ".gitignore"), "/log\n");
  writeFileSync(join(root, "b", "c", ".gitignore"), "!*.o\n");
  const gitignore = await walkAll([root], { leaveOut: { gitignore: true } });
  const files = (walked: typeof gitignore): string[] =>
    shapeOf(walked).items.filter((name) => !name.endsWith(".gitignore"));
  expect(files(gitignore)).toEqual([".", "a", "a/log", "b", "b/c", "b/c/keep", "b/c/log", "b/c/x.o"]);
  const both = await walkAll([root], { leaveOut: { gitignore: true, patterns: ["b/c/log", "!top"].map(fromText) } });
  expect(files(both)).toEqual([".", "a", "a/log", "b", "b/c", "b/c/keep", "b/c/x.o", "top"]);
});

test("of marked directories only the mark is kept", async () => {
  const root = temporary();
  makeTree(root, ["cache/big", "cache/deep/er", "false/file", "no/backup", "no/.nobackup", "yes/file", "link/file"]);
  writeFileSync(join(root, "cache", "CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55\n# more");
  writeFileSync(join(root, "false", "CACHEDIR.TAG"), "Signature: something else");
  symlinkSync("../cache/CACHEDIR.TAG", join(root, "link", "CACHEDIR.TAG"));
  const leaveOut = { cacheDirectories: true, ifPresent: [fromText(".nobackup")] };
  expect(shapeOf(await walkAll([root], { leaveOut })).items).toEqual([
    ".",
    "cache",
    "cache/CACHEDIR.TAG",
    "false",
    "false/CACHEDIR.TAG",
    "false/file",
    "link",
    "link/CACHEDIR.TAG",
    "link/file",
    "no",
    "no/.nobackup",
    "yes",
    "yes/file",
  ]);
});

test("large files are left out, and a .gitignore that cannot be read is told", async () => {
  const root = temporary();
  writeFileSync(join(root, "small"), "12345");
  writeFileSync(join(root, "large"), "123456");
  symlinkSync("nowhere", join(root, ".gitignore"));
  const walked = await walkAll([root], { leaveOut: { largerThanBytes: 5, gitignore: true } });
  expect(shapeOf(walked).items).toEqual([".", ".gitignore", "small"]);
  expect(walked.failures).toEqual([
    { path: join(root, ".gitignore"), message: expect.stringContaining("cannot obey it") as string },
  ]);
});

test("excluded paths are left out with one warning each, and only those", async () => {
  const root = temporary();
  makeTree(root, ["store/CONFIG", "a/store/file", "a/b", "storefront"]);
  const warnings: string[] = [];
  const excludePaths = [join(root, "store"), join(root, "a", "b"), join(root, "missing"), "/"];
  const walked = await walkAll([root], { excludePaths, onWarning: (message) => warnings.push(message) });
  expect(shapeOf(walked).items).toEqual([".", "a", "a/store", "a/store/file", "storefront"]);
  expect(warnings).toEqual([
    expect.stringContaining(join(root, "store")),
    expect.stringContaining(join(root, "a", "b")),
  ]);
});

test("mount points are crossed, or stay empty when asked", async ({ skip }) => {
  const root = temporary();
  mkdirSync(join(root, "mounted"));
  const reason = mountMemory(join(root, "mounted"));
  skip(reason !== undefined, reason);
  try {
    makeTree(root, ["mounted/d/file", "own/file"]);
    expect(lstatSync(join(root, "mounted")).dev).not.toBe(lstatSync(root).dev);
    const crossed = await walkAll([root]);
    expect(shapeOf(crossed).items).toEqual([".", "mounted", "mounted/d", "mounted/d/file", "own", "own/file"]);
    const stayed = await walkAll([root], { oneFileSystem: true });
    expect(shapeOf(stayed).items).toEqual([".", "mounted", "own", "own/file"]);
    expect(shapeOf(stayed).directories).toEqual([".", "mounted", "own"]);
    const both = await walkAll([join(root, "own"), join(root, "mounted", "d")], { oneFileSystem: true });
    expect(shapeOf(both).items).toEqual([".", "mounted", "mounted/d", "mounted/d/file", "own", "own/file"]);
  } finally {
    unmount(join(root, "mounted"));
  }
});

const listAsUser = `
const { openFsSource } = await import(${JSON.stringify(moduleUrl("source"))});
try {
  const source = await openFsSource({ paths: [process.argv[1]], hostName: "host" });
  const seen = [];
  for await (const { item, children, failures } of source.walk()) {
    seen.push([item.path, children.map(({ info }) => info.name), failures]);
  }
  console.log(JSON.stringify(seen));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, kind: error.kind }));
}
`;

test("what an ordinary user may not list is a failure of that directory alone", () => {
  const root = temporary();
  makeTree(root, ["closed/secret", "open/file"]);
  chmodSync(join(root, "closed"), 0o000);
  const seen = runAsOrdinaryUser(listAsUser, root);
  chmodSync(join(root, "closed"), 0o700);
  const failure = { path: join(root, "closed"), message: "cannot list it: permission denied (EACCES)" };
  expect(seen).toEqual([
    [root, ["closed", "open"], []],
    [join(root, "closed"), [], [failure]],
    [join(root, "open"), ["file"], []],
  ]);
});

test("a directory that may be listed but not entered reports each of its items", () => {
  const root = temporary();
  makeTree(root, ["listed/a", "listed/b"]);
  chmodSync(join(root, "listed"), isRoot ? 0o444 : 0o400);
  const seen = runAsOrdinaryUser(listAsUser, join(root, "listed"));
  chmodSync(join(root, "listed"), 0o700);
  const message = "cannot read it: permission denied (EACCES)";
  const failures = ["a", "b"].map((name) => ({ path: join(root, "listed", name), message }));
  expect(seen).toEqual([[join(root, "listed"), [], failures]]);
});

test("a path below a directory that may not be entered is refused as denied", () => {
  const root = temporary();
  makeTree(root, ["closed/inner/file"]);
  chmodSync(join(root, "closed"), 0o000);
  const seen = runAsOrdinaryUser(listAsUser, join(root, "closed", "inner"));
  chmodSync(join(root, "closed"), 0o700);
  expect(seen).toEqual({ code: "source-denied", kind: "denied" });
});

test("a root that vanished after it was opened is an error, not an empty snapshot", async () => {
  const root = join(temporary(), "gone");
  mkdirSync(root);
  const source = await openFsSource({ paths: [root], hostName: "host" });
  rmSync(root, { recursive: true });
  await expect(source.walk()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "source-missing" });
  expect((await source.ancestors()).at(-1)?.path).toBe(fromText(join(root, "..")));
});
