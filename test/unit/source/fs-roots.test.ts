import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { chdir, cwd } from "node:process";
import { expect, test } from "vitest";
import { fromText } from "../../../src/foundation/index.ts";
import { openFsSource } from "../../../src/source/index.ts";
import { setExtendedAttribute } from "../../../src/system/index.ts";
import { noAttributes, temporaryDirectories } from "../system/temporary.ts";
import { shapeOf, walkAll } from "./walk-all.ts";

const temporary = temporaryDirectories();

/** A directory `a` with a file, a directory below it, and beside it a directory `b` and a file. */
function tree(): string {
  const top = temporary();
  mkdirSync(join(top, "a", "deep"), { recursive: true });
  mkdirSync(join(top, "b"));
  writeFileSync(join(top, "a", "one"), "1");
  writeFileSync(join(top, "a", "deep", "two"), "2");
  writeFileSync(join(top, "b", "three"), "3");
  writeFileSync(join(top, "file"), "4");
  return top;
}

test("one directory is the root, and everything in it is walked", async () => {
  const top = tree();
  const walked = await walkAll([join(top, "a")]);
  expect(walked.root).toBe(join(top, "a"));
  expect(shapeOf(walked)).toEqual({ directories: [".", "deep"], items: [".", "deep", "deep/two", "one"] });
});

test("the source says what it is", async () => {
  const top = tree();
  const source = await openFsSource({ paths: [top], hostName: "box" });
  expect([source.type, source.origin, source.root]).toEqual(["fs", "box", top]);
  await source.close();
});

test("one file has its directory as root, and is alone in it", async () => {
  const top = tree();
  const walked = await walkAll([join(top, "file")]);
  expect(walked.root).toBe(top);
  expect(shapeOf(walked)).toEqual({ directories: ["."], items: [".", "file"] });
});

test("several paths have their nearest common directory as root, and nothing else is in it", async () => {
  const top = tree();
  const walked = await walkAll([join(top, "b"), join(top, "a", "deep")]);
  expect(walked.root).toBe(top);
  expect(shapeOf(walked)).toEqual({
    directories: [".", "a", "a/deep", "b"],
    items: [".", "a", "a/deep", "a/deep/two", "b", "b/three"],
  });
});

test("a path within another one, or given twice, changes nothing", async () => {
  const top = tree();
  const walked = await walkAll([join(top, "a", "deep"), join(top, "a"), `${join(top, "a")}/`]);
  expect(walked.root).toBe(join(top, "a"));
  expect(shapeOf(walked).items).toEqual([".", "deep", "deep/two", "one"]);
});

test("two files of one directory have that directory as root", async () => {
  const top = tree();
  writeFileSync(join(top, "a", "other"), "");
  const walked = await walkAll([join(top, "a", "one"), join(top, "a", "deep", "two")]);
  expect(shapeOf(walked)).toEqual({ directories: [".", "deep"], items: [".", "deep", "deep/two", "one"] });
});

test("a name that begins like another one is not within it", async () => {
  const top = tree();
  mkdirSync(join(top, "ab"));
  expect(shapeOf(await walkAll([join(top, "a", "deep"), join(top, "ab")])).items).toEqual([
    ".",
    "a",
    "a/deep",
    "a/deep/two",
    "ab",
  ]);
});

test("relative paths start at the working directory", async () => {
  const top = tree();
  const before = cwd();
  chdir(join(top, "a"));
  try {
    expect((await walkAll(["."])).root).toBe(join(top, "a"));
    expect((await walkAll(["../b"])).root).toBe(join(top, "b"));
  } finally {
    chdir(before);
  }
});

test("links in the given path are resolved, those below it are not followed", async () => {
  const top = tree();
  symlinkSync("a", join(top, "to-a"));
  symlinkSync("file", join(top, "to-file"));
  symlinkSync("..", join(top, "a", "deep", "loop"));
  symlinkSync(join(top, "b"), join(top, "a", "to-b"));
  const walked = await walkAll([join(top, "to-a")]);
  expect(walked.root).toBe(join(top, "a"));
  expect(shapeOf(walked).items).toEqual([".", "deep", "deep/loop", "deep/two", "one", "to-b"]);
  expect(walked.items.get("deep/loop")?.info.kind).toBe("symlink");
  expect(shapeOf(await walkAll([join(top, "to-a", "deep")])).items).toEqual([".", "loop", "two"]);
  expect(shapeOf(await walkAll([join(top, "to-file")])).items).toEqual([".", "file"]);
});

test("the directories above the root come from / down, without account names and attributes", async () => {
  const top = tree();
  if (noAttributes(top) === undefined) setExtendedAttribute(fromText(top), fromText("user.above"), new Uint8Array([1]));
  const source = await openFsSource({ paths: [join(top, "a")], hostName: "host" });
  const ancestors = await source.ancestors();
  await source.close();
  const expected = ["/"];
  for (let at = top; at !== "/"; at = dirname(at)) expected.splice(1, 0, at);
  expect(ancestors.map(({ path }) => path)).toEqual(expected);
  expect(ancestors.map(({ info }) => info.name)).toEqual(expected.map((path) => basename(path) || "/"));
  expect(ancestors.every(({ info }) => info.kind === "directory" && info.inode > 0n)).toBe(true);
  expect(ancestors.filter(({ info }) => info.userName !== "" || info.groupName !== "")).toEqual([]);
  expect(ancestors.filter(({ extendedAttributes }) => extendedAttributes)).toEqual([]);
});

test("/ has nothing above it, and is called /", async () => {
  const source = await openFsSource({ paths: ["/"], hostName: "host" });
  expect(await source.ancestors()).toEqual([]);
  for await (const { item, children } of source.walk()) {
    expect([item.path, item.info.name]).toEqual(["/", "/"]);
    expect(children.map(({ path }) => path)).toContain("/usr");
    break;
  }
  await source.close();
});

test("a path that does not exist is refused, also beside others", async () => {
  const top = tree();
  symlinkSync("nowhere", join(top, "dangling"));
  for (const path of ["missing", "file/below", "dangling"]) {
    await expect(openFsSource({ paths: [top, join(top, path)], hostName: "host" })).rejects.toMatchObject({
      code: "source-missing",
      kind: "missing",
      advice: expect.stringContaining("spelling"),
      details: { path: join(top, path) },
    });
  }
});

test("no path at all is refused", async () => {
  await expect(openFsSource({ paths: [], hostName: "host" })).rejects.toMatchObject({ code: "source-empty" });
});
