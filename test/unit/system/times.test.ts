import { closeSync, lstatSync, mkdirSync, openSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromLatin1, fromText, toFsPath } from "../../../src/foundation/index.ts";
import { capabilities, setModifiedTime } from "../../../src/system/index.ts";
import { temporaryDirectories } from "./temporary.ts";

const temporary = temporaryDirectories();

function modified(path: string | Buffer): bigint {
  return lstatSync(path, { bigint: true }).mtimeNs;
}

test("times are exact to the nanosecond, before 1970 too", ({ skip }) => {
  skip(!capabilities().exactTimes, capabilities().reason);
  const path = fromText(join(temporary(), "file"));
  writeFileSync(path, "");
  for (const ns of [
    1_700_000_000_123_456_789n,
    0n,
    -1n,
    -1_500_000_001n,
    -86_400_000_000_000n,
    4_102_444_800_999_999_999n,
  ]) {
    setModifiedTime(path, ns);
    expect(modified(path)).toBe(ns);
  }
});

test("the time of a link, a directory, a name that is not UTF-8 and an open file can be set", ({ skip }) => {
  skip(!capabilities().exactTimes, capabilities().reason);
  const directory = temporary();
  const link = fromText(join(directory, "link"));
  symlinkSync("target", link);
  writeFileSync(join(directory, "target"), "");
  const before = modified(join(directory, "target"));
  setModifiedTime(link, 1_111_111_111_111_111_111n);
  expect(modified(link)).toBe(1_111_111_111_111_111_111n);
  expect(modified(join(directory, "target"))).toBe(before);

  const odd = fromLatin1(`${fromText(directory)}/\xff\xfe`);
  mkdirSync(toFsPath(odd));
  setModifiedTime(odd, 987_654_321n);
  expect(modified(toFsPath(odd) as Buffer)).toBe(987_654_321n);

  const descriptor = openSync(join(directory, "target"), "r");
  setModifiedTime(descriptor, -5n);
  closeSync(descriptor);
  expect(modified(join(directory, "target"))).toBe(-5n);
});

test("the access time stays as it is", ({ skip }) => {
  skip(!capabilities().exactTimes, capabilities().reason);
  const path = fromText(join(temporary(), "file"));
  writeFileSync(path, "");
  const before = statSync(path, { bigint: true }).atimeNs;
  setModifiedTime(path, 42n);
  expect(statSync(path, { bigint: true }).atimeNs).toBe(before);
});

test("a missing path is an error", () => {
  const path = fromText(join(temporary(), "missing"));
  expect(() => setModifiedTime(path, 0n)).toThrow(expect.objectContaining({ code: "ENOENT" }));
});
