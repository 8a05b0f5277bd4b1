import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, lstatSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ByteString, fromLatin1, fromText, toFsPath } from "../../../src/foundation/index.ts";
import {
  getExtendedAttribute,
  inodeFlags,
  listExtendedAttributes,
  setExtendedAttribute,
  setInodeFlags,
  tryFileLock,
} from "../../../src/system/index.ts";
import { hasProgram } from "../../../src/system/programs.ts";
import { isRoot, moduleUrl, noAttributes, temporaryDirectories } from "./temporary.ts";

/* Where this Node has no node:ffi the system's programs do what native calls do: each is held against the other. */
const temporary = temporaryDirectories();

/** Runs a script in a Node without node:ffi, which finds `system` and `path`, and answers what it says. */
function withoutNative(path: ByteString, script: string): unknown {
  const whole = `
    const system = await import(${JSON.stringify(moduleUrl("system"))});
    const { openFsSource } = await import(${JSON.stringify(moduleUrl("source"))});
    const fs = await import("node:fs");
    const path = Buffer.from(process.argv[1], "hex").toString("latin1");
    const codeOf = (action) => { try { return action() ?? null; } catch (error) { return error.code; } };
    const hex = (bytes) => Buffer.from(bytes).toString("hex");
    ${script}`;
  const flags = ["--no-experimental-ffi", "--input-type=module", "--eval", whole];
  const run = spawnSync(process.execPath, [...flags, "--", Buffer.from(path, "latin1").toString("hex")], {
    encoding: "utf8",
  });
  expect(run.stderr).toBe("");
  return JSON.parse(run.stdout);
}

/** A name that is not text: no argument of a program, and still no obstacle. */
function oddPath(): ByteString {
  return fromLatin1(`${fromText(temporary())}/\xff odd`);
}

test("the report says what programs do instead, and what nothing does", () => {
  const report = withoutNative(oddPath(), "console.log(JSON.stringify(system.capabilities()))");
  expect(report).toStrictEqual({
    extendedAttributes: hasProgram("getfattr") && hasProgram("setfattr"),
    ...{ fifos: true, deviceNodes: true, exactTimes: true, holes: false, fileLocks: hasProgram("flock") },
    inodeFlags: hasProgram("lsattr") && hasProgram("chattr"),
    ...{ mounts: hasProgram("mount"), accountNames: hasProgram("getent") },
    reason: expect.stringContaining("node:ffi"),
  });
});

test("a tree is walked", () => {
  const path = fromText(join(temporary(), "file"));
  writeFileSync(toFsPath(path), "");
  const script = `
    const source = await openFsSource({ paths: [path], hostName: "host" });
    const seen = [];
    for await (const { children, failures } of source.walk()) seen.push(children.map(({ info }) => info.name), failures);
    console.log(JSON.stringify(seen));`;
  expect(withoutNative(path, script)).toStrictEqual([["file"], []]);
});

test("mkfifo and mknod make nodes, and nothing over something else", ({ skip }) => {
  const path = fromText(join(temporary(), "fifo"));
  const script = `console.log(JSON.stringify([
    codeOf(() => system.mkfifo(path, 0o600)), codeOf(() => system.mkfifo(path, 0o600)),
    codeOf(() => system.mknod(path + "-null", 0o020_600, 0x103n)),
  ]))`;
  const [made, again, device] = withoutNative(path, script) as (string | null)[];
  expect([made, again]).toStrictEqual([null, "EEXIST"]);
  const stat = lstatSync(path);
  expect([stat.isFIFO(), stat.mode & 0o777]).toStrictEqual([true, 0o600]);
  skip(!isRoot, "only root may make devices");
  expect(device).toBeNull();
  expect(lstatSync(`${path}-null`)).toMatchObject({ rdev: 0x103 });
});

test.each([
  ["now", 1_700_000_000_123_456_789n],
  ["before 1970", -1_234_567_890_123_456_789n / 10n],
  ["a moment before 1970", -1n],
  ["the beginning", 0n],
])("touch sets times to the nanosecond, of links too: %s", (_, modifiedNs) => {
  const path = oddPath();
  writeFileSync(toFsPath(path), "");
  symlinkSync("nowhere", toFsPath(fromLatin1(`${path}-link`)));
  const script = `
    system.setModifiedTime(path + "-link", ${modifiedNs}n);
    const descriptor = fs.openSync(Buffer.from(path, "latin1"));
    system.setModifiedTime(descriptor, ${modifiedNs}n);
    console.log("null")`;
  withoutNative(path, script);
  for (const each of [path, fromLatin1(`${path}-link`)])
    expect(lstatSync(toFsPath(each), { bigint: true }).mtimeNs).toBe(modifiedNs);
});

test("getfattr and setfattr read and write the attributes that native calls do", ({ skip }) => {
  const directory = temporary();
  skip(noAttributes(directory) !== undefined, noAttributes(directory));
  skip(!hasProgram("getfattr"), "there is no getfattr: apt-get install attr");
  const path = fromLatin1(`${fromText(directory)}/\xff odd`);
  writeFileSync(toFsPath(path), "");
  const values = {
    "user.a": Buffer.from([0, 255, 10, 34]),
    "user.empty": Buffer.alloc(0),
    "user.b=\\ \xe9": Buffer.from("x"),
  };
  for (const [name, value] of Object.entries(values)) setExtendedAttribute(path, name as ByteString, value);
  const script = `
    const descriptor = fs.openSync(Buffer.from(path, "latin1"));
    const read = system.listExtendedAttributes(path).map((name) => [name, hex(system.getExtendedAttribute(descriptor, name))]);
    system.setExtendedAttribute(path, "user.new", Buffer.from([0, 1, 255]));
    system.setExtendedAttribute(descriptor, "user.a", Buffer.alloc(0));
    system.removeExtendedAttribute(path, "user.empty");
    console.log(JSON.stringify([read, codeOf(() => system.getExtendedAttribute(path, "user.none")),
      codeOf(() => system.removeExtendedAttribute(path, "user.none")), codeOf(() => system.listExtendedAttributes(path + "-"))]));`;
  const names = Object.keys(values).toSorted() as (keyof typeof values)[];
  expect(withoutNative(path, script)).toStrictEqual([
    names.map((name) => [name, values[name].toString("hex")]),
    ...["ENODATA", "ENODATA", "ENOENT"],
  ]);
  expect(listExtendedAttributes(path)).toStrictEqual(["user.a", "user.b=\\ \xe9", "user.new"]);
  expect(getExtendedAttribute(path, "user.new" as ByteString)).toStrictEqual(new Uint8Array([0, 1, 255]));
  expect(getExtendedAttribute(path, "user.a" as ByteString)).toHaveLength(0);
});

test("lsattr and chattr know the flags that native calls do", ({ skip }) => {
  skip(!isRoot, "only root may set flags");
  const path = fromText(join(temporary(), "file"));
  writeFileSync(path, "");
  const { dev } = lstatSync(path, { bigint: true });
  const descriptor = openSync(path, "r");
  const set = (letters: string): void => setInodeFlags(descriptor, letters);
  try {
    set("d");
  } catch {
    closeSync(descriptor);
    skip("this file system has no flags");
  }
  const script = `
    const descriptor = fs.openSync(path);
    const before = system.inodeFlags(path, 0n);
    system.setInodeFlags(descriptor, "ai");
    console.log(JSON.stringify([before, system.inodeFlags(path, 0n)]));`;
  expect(withoutNative(path, script)).toStrictEqual(["d", "ai"]);
  expect(inodeFlags(path, dev)).toBe("ai");
  set("");
  closeSync(descriptor);
});

test("flock keeps others out until the file is closed", ({ skip }) => {
  skip(!hasProgram("flock"), "there is no flock: apt-get install util-linux");
  const path = fromText(join(temporary(), "lock"));
  const held = openSync(path, "w");
  expect(tryFileLock(held, "exclusive")).toBe(true);
  const script = 'console.log(JSON.stringify(system.tryFileLock(fs.openSync(path), "shared")))';
  expect(withoutNative(path, script)).toBe(false);
  closeSync(held);
  const alone = `
    const [a, b] = [fs.openSync(path), fs.openSync(path)];
    const said = [system.tryFileLock(a, "exclusive"), system.tryFileLock(b, "shared")];
    system.releaseFileLock(a);
    said.push(system.tryFileLock(b, "shared"), system.tryFileLock(a, "exclusive"));
    fs.closeSync(b);
    said.push(system.tryFileLock(a, "exclusive"));
    console.log(JSON.stringify(said));`;
  expect(withoutNative(path, alone)).toStrictEqual([true, false, true, false, true]);
});

test("getent knows the names of accounts that no file has", ({ skip }) => {
  skip(!hasProgram("getent"), "there is no getent");
  const name = execFileSync("getent", ["passwd", "0"], { encoding: "utf8" }).split(":")[0];
  const script = "console.log(JSON.stringify([system.userName(0), system.userName(4000000001), system.groupName(0)]))";
  expect(withoutNative(oddPath(), script)).toStrictEqual([name, "", expect.any(String)]);
});

test("mount and umount do what native calls do", ({ skip }) => {
  skip(!isRoot, "only root may mount");
  const path = fromText(join(temporary(), "mounted"));
  mkdirSync(path);
  const script = `
    const { MountFlag, mount, unmount } = system;
    const options = { type: "tmpfs", flags: MountFlag.readOnly | MountFlag.noDevices, data: "size=64k" };
    const made = codeOf(() => mount("plakar-test", path, options));
    const line = fs.readFileSync("/proc/self/mounts", "utf8").split("\\n").find((each) => each.startsWith("plakar-test " + path));
    const gone = codeOf(() => unmount(path));
    console.log(JSON.stringify([made, line ?? "", gone, codeOf(() => unmount(path))]));`;
  const [made, line, gone, again] = withoutNative(path, script) as string[];
  skip(made === "EPERM" || made === "EACCES", "this system lets nobody mount");
  expect([made, gone]).toStrictEqual([null, null]);
  expect(line).toMatch(/tmpfs ro,.*nodev.*size=64k/);
  expect(again).toMatch(/^E/);
  expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(path);
});
