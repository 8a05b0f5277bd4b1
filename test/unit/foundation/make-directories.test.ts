import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDirectories } from "../../../src/foundation/index.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();

test("directories are made with all above them, in the mode asked for, and may be there already", () => {
  const path = join(temporary(), "a", "b", "c");
  makeDirectories(path, 0o700);
  makeDirectories(path, 0o700);
  for (const made of [path, join(path, "..")]) expect(statSync(made).mode & 0o7777).toBe(0o700);
  makeDirectories("/");
});

test("a link to a directory is one; a file on the way or in the place is an error", () => {
  const directory = temporary();
  mkdirSync(join(directory, "real"));
  symlinkSync("real", join(directory, "link"));
  makeDirectories(join(directory, "link", "below"));
  expect(statSync(join(directory, "real", "below")).isDirectory()).toBe(true);
  writeFileSync(join(directory, "file"), "");
  expect(() => makeDirectories(join(directory, "file"))).toThrow(/EEXIST/);
  expect(() => makeDirectories(join(directory, "file", "below", "deeper"))).toThrow(/ENOTDIR/);
});

test("a name that is not UTF-8 is kept", () => {
  const directory = temporary();
  makeDirectories(join(directory, "\udce9", "below"));
  expect(statSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xe9])])).isDirectory()).toBe(true);
});

test("a directory in which nothing can be made ends with its error", ({ skip }) => {
  skip(process.platform !== "linux", "only Linux has /proc");
  expect(() => makeDirectories("/proc/plakar/cache/states")).toThrow(/ENOENT/);
});
