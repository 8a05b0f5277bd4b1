import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { fromText } from "../../../src/foundation/index.ts";
import { isRoot, mountMemory, temporaryDirectories, unmount } from "../system/temporary.ts";
import { walkAll } from "./walk-all.ts";

/* Paths that are given below another path that is: no rule leaves them out. */
const temporary = temporaryDirectories();
let root = "";

beforeEach(() => {
  root = temporary();
  mkdirSync(join(root, "ign", "deep", "er"), { recursive: true });
  mkdirSync(join(root, "cache"));
  writeFileSync(join(root, "cache", "CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55\n");
  for (const name of ["ign/x", "ign/deep/y", "ign/deep/er/z", "a.o", "b.o", "cache/h", "cache/i", "large"])
    writeFileSync(join(root, name), "content");
});

type Options = Parameters<typeof walkAll>[1];

async function walked(given: readonly string[], options: Options): Promise<string[]> {
  const { items, failures } = await walkAll([root, ...given.map((name) => join(root, name))], options);
  expect(failures).toStrictEqual([]);
  return [...items.keys()].filter((name) => name !== ".").toSorted();
}

const patterns = (...all: string[]): Options => ({ leaveOut: { patterns: all.map(fromText) } });
const others = ["a.o", "b.o", "cache", "cache/CACHEDIR.TAG", "cache/h", "cache/i", "large"];

test("a directory that a pattern names", async () => {
  expect(await walked([], patterns("ign"))).toStrictEqual(others);
  expect(await walked(["ign"], patterns("ign"))).toStrictEqual(
    [...others, "ign", "ign/deep", "ign/deep/er", "ign/deep/er/z", "ign/deep/y", "ign/x"].toSorted(),
  );
});

test("something deep below a directory that a pattern names, with the way there and nothing beside it", async () => {
  const way = ["ign", "ign/deep"];
  expect(await walked(["ign/deep/er"], patterns("ign"))).toStrictEqual(
    [...others, ...way, "ign/deep/er", "ign/deep/er/z"].toSorted(),
  );
  expect(await walked(["ign/deep/y"], patterns("ign"))).toStrictEqual([...others, ...way, "ign/deep/y"].toSorted());
});

test("files that a pattern or a size leaves out", async () => {
  const all = await walked(["a.o"], patterns("*.o"));
  expect(all).toContain("a.o");
  expect(all).not.toContain("b.o");
  const sized = await walked(["ign/x"], { leaveOut: { largerThanBytes: 3 } });
  expect(sized).toContain("ign/x");
  expect(sized).not.toContain("large");
});

test("what lies in a directory that is marked as a cache", async () => {
  const all = await walked(["cache/h"], { leaveOut: { cacheDirectories: true } });
  expect(all).toEqual(expect.arrayContaining(["cache/CACHEDIR.TAG", "cache/h"]));
  expect(all).not.toContain("cache/i");
});

test("what lies on another file system", async ({ skip }) => {
  skip(!isRoot, "only root may mount");
  mkdirSync(join(root, "mounted"));
  const reason = mountMemory(join(root, "mounted"), "size=64k");
  skip(reason !== undefined, reason);
  try {
    mkdirSync(join(root, "mounted", "d"));
    for (const name of ["mounted/f", "mounted/d/g"]) writeFileSync(join(root, name), "precious");
    const oneFileSystem = { oneFileSystem: true };
    const below = (all: string[]): string[] => all.filter((name) => name.startsWith("mounted"));
    expect(below(await walked([], oneFileSystem))).toStrictEqual(["mounted"]);
    expect(below(await walked(["mounted"], oneFileSystem))).toStrictEqual([
      "mounted",
      "mounted/d",
      "mounted/d/g",
      "mounted/f",
    ]);
    expect(below(await walked(["mounted/d"], oneFileSystem))).toStrictEqual(["mounted", "mounted/d", "mounted/d/g"]);
  } finally {
    unmount(join(root, "mounted"));
  }
});

test("a given path is walked once", async () => {
  const { items } = await walkAll([root, join(root, "ign"), join(root, "ign", "deep")]);
  expect([...items.keys()].filter((name) => name.startsWith("ign"))).toHaveLength(6);
});
