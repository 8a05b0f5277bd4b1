import { closeSync, ftruncateSync, lstatSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromLatin1, fromText, toFsPath } from "../../../src/foundation/index.ts";
import {
  capabilities,
  mkfifo,
  mknod,
  releaseFileLock,
  seekData,
  seekHole,
  tryFileLock,
  umask,
} from "../../../src/system/index.ts";
import { isRoot, temporaryDirectories } from "./temporary.ts";

const temporary = temporaryDirectories();

test("Linux has every capability, and other systems say why not", () => {
  const report = String(capabilities().reason);
  expect(report === "undefined" ? "linux" : report).toContain(process.platform);
});

test("a FIFO is made under any name, and not over something else", ({ skip }) => {
  skip(!capabilities().fifos, capabilities().reason);
  const path = fromLatin1(`${fromText(temporary())}/fifo \xff`);
  mkfifo(path, 0o600);
  expect(lstatSync(toFsPath(path)).isFIFO()).toBe(true);
  expect(() => mkfifo(path, 0o600)).toThrow(expect.objectContaining({ code: "EEXIST", syscall: "mkfifo" }));
});

test("root makes device nodes", ({ skip }) => {
  skip(!isRoot, "only root may make devices");
  skip(!capabilities().deviceNodes, capabilities().reason);
  const path = fromText(join(temporary(), "null"));
  mknod(path, 0o020_600, 0x103n);
  const stat = lstatSync(path);
  expect([stat.isCharacterDevice(), stat.rdev]).toEqual([true, 0x103]);
});

test("holes and data of a sparse file are found", ({ skip }) => {
  skip(!capabilities().holes, capabilities().reason);
  const descriptor = openSync(join(temporary(), "sparse"), "w+");
  ftruncateSync(descriptor, 8 << 20);
  writeSync(descriptor, Buffer.alloc(65_536, 1), 0, 65_536, 4 << 20);
  const found = [seekData(descriptor, 0), seekHole(descriptor, 4 << 20), seekData(descriptor, 5 << 20)];
  const end = seekHole(descriptor, 8 << 20);
  closeSync(descriptor);
  skip(found[0] === 0, "this file system does not report holes");
  expect(found).toEqual([4 << 20, (4 << 20) + 65_536, undefined]);
  expect(end).toBeUndefined();
});

test("seeking a closed descriptor is an error", ({ skip }) => {
  skip(!capabilities().holes, capabilities().reason);
  expect(() => seekData(9999, 0)).toThrow(expect.objectContaining({ code: "EBADF" }));
});

test("the kernel's lock keeps others out until it is released or the file closed", ({ skip }) => {
  skip(!capabilities().fileLocks, capabilities().reason);
  const path = join(temporary(), "lock");
  const [first, second, third] = [openSync(path, "w"), openSync(path, "w"), openSync(path, "w")];
  expect(tryFileLock(first, "exclusive")).toBe(true);
  expect(tryFileLock(second, "shared")).toBe(false);
  releaseFileLock(first);
  expect(tryFileLock(second, "shared")).toBe(true);
  expect(tryFileLock(third, "shared")).toBe(true);
  expect(tryFileLock(first, "exclusive")).toBe(false);
  closeSync(second);
  closeSync(third);
  expect(tryFileLock(first, "exclusive")).toBe(true);
  closeSync(first);
});

test("the umask is read, set, and answered as it was", ({ skip }) => {
  skip(!capabilities().fifos, capabilities().reason);
  const before = umask();
  expect(umask(0o027)).toBe(before);
  expect(umask(before)).toBe(0o027);
});
