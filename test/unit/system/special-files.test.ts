import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, lstatSync, openSync, writeFileSync, writeSync } from "node:fs";
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
import { isRoot, moduleUrl, temporaryDirectories } from "./temporary.ts";

const temporary = temporaryDirectories();

test("Linux has every capability, and other systems say why not", () => {
  const report = String(capabilities().reason);
  expect(report === "undefined" ? "linux" : report).toContain(process.platform);
});

const withoutNative = `
const { capabilities, setModifiedTime, mkfifo } = await import(${JSON.stringify(moduleUrl("system"))});
const { openFsSource } = await import(${JSON.stringify(moduleUrl("source"))});
setModifiedTime(process.argv[1], 1700000000000000000n);
let code;
try { mkfifo(process.argv[1] + "-fifo", 0o600); mkfifo(process.argv[1] + "-fifo", 0o600); } catch (error) { code = error.code; }
const source = await openFsSource({ paths: [process.argv[1]], hostName: "host" });
const seen = [];
for await (const { children, failures } of source.walk()) seen.push(children.map(({ info }) => info.name), failures);
console.log(JSON.stringify({ report: capabilities(), code, seen }));
`;

test("without native calls a tree is walked all the same, and the report says what is missing", () => {
  const path = join(temporary(), "file");
  writeFileSync(path, "");
  const flags = ["--no-experimental-ffi", "--input-type=module", "--eval", withoutNative, "--", path];
  const run = spawnSync(process.execPath, flags, { encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(JSON.parse(run.stdout)).toEqual({
    report: {
      extendedAttributes: false,
      // the programs of these names make them
      ...{ fifos: true, deviceNodes: true },
      exactTimes: false,
      holes: false,
      ...{ fileLocks: false, inodeFlags: false, mounts: false, accountNames: false },
      reason: expect.any(String),
    },
    code: "EEXIST",
    seen: [["file"], []],
  });
  expect(lstatSync(`${path}-fifo`).isFIFO()).toBe(true);
  expect(lstatSync(`${path}-fifo`).mode & 0o777).toBe(0o600);
  expect(lstatSync(path).mtimeMs).toBe(1_700_000_000_000);
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
