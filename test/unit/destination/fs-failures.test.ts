import { once } from "node:events";
import { chmodSync, chownSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import {
  finishDescriptorSync,
  finishFileSync,
  type Metadata,
  type MetadataPolicy,
  openFsDestination,
} from "../../../src/destination/index.ts";
import { DEVICE_ATTRIBUTE, fromLatin1, fromText } from "../../../src/foundation/index.ts";
import {
  isRoot,
  moduleUrl,
  mountMemory,
  noAttributes,
  ownedByOrdinaryUser,
  runAsOrdinaryUser,
  temporaryDirectories,
  unmount,
} from "../system/temporary.ts";
import { anItem, prepared } from "./restore-tree.ts";

const temporary = temporaryDirectories();

test("the target must be a directory, or not be there", async () => {
  const top = temporary();
  writeFileSync(join(top, "file"), "");
  for (const directory of [join(top, "file"), join(top, "file", "below"), join(top, "file", "far", "below")]) {
    await expect(openFsDestination({ directory }).prepare()).rejects.toMatchObject({
      code: "target-not-directory",
      kind: "input",
    });
  }
});

test("a destination that was not prepared is a bug", async () => {
  await expect(openFsDestination({ directory: temporary() }).beginFile(anItem("f"))).rejects.toMatchObject({
    code: "destination-not-prepared",
    kind: "bug",
  });
});

test("a device whose number was not recorded, or cannot be one, is refused with the reason", async () => {
  const destination = await prepared(temporary());
  for (const kind of ["character-device", "block-device"] as const) {
    for (const number of [undefined, "", "1", "1:2:3", "-1:2", "4096:0", "0:1048576", "99999999999:1"]) {
      const value = number === undefined ? [] : [{ name: DEVICE_ATTRIBUTE, value: Buffer.from(number) }];
      const item = { ...anItem("d", kind), extendedAttributes: value };
      await expect(destination.createSpecial(item)).rejects.toMatchObject({
        code: "restore-unsupported",
        kind: "input",
        details: { path: "d" },
      });
    }
  }
});

test("the failing metadata is named, and the rest is given back all the same", async ({ skip }) => {
  const to = temporary();
  skip(noAttributes(to) !== undefined, noAttributes(to));
  const destination = await prepared(to);
  const names = ["user.good", "nonsense.name", "user.also-good", "user.a\0b"].map(fromText);
  const item = {
    ...anItem("f", "file", { permissions: 0o640, modifiedNs: 77n }),
    extendedAttributes: names.map((name) => ({ name, value: new Uint8Array([1]) })),
  };
  await destination.beginFile(item);
  await expect(destination.finishFile(item)).rejects.toMatchObject({
    code: "restore-metadata",
    message: expect.stringMatching(/cannot restore f: .*nonsense\.name: .*\(ENOTSUP\).*user\.a\\x00b/),
  });
  const stat = lstatSync(join(to, "f"), { bigint: true });
  expect([stat.mode & 0o7777n, stat.mtimeNs]).toEqual([0o640n, 77n]);
});

test("an owner that cannot be costs the set-id bits, so that they never serve another one", async ({ skip }) => {
  skip(!isRoot, "only root gives files away");
  const to = temporary();
  const destination = await prepared(to);
  const item = anItem("f", "file", { permissions: 0o6755, userId: 0xffff_ffff, groupId: 0 });
  await destination.beginFile(item);
  await expect(destination.finishFile(item)).rejects.toMatchObject({ code: "restore-metadata" });
  expect(lstatSync(join(to, "f")).mode & 0o7777).toBe(0o755);
});

test("a full file system is told from other failures", async ({ skip }) => {
  skip(!isRoot, "only root may mount a small file system");
  const to = temporary();
  const reason = mountMemory(to, "nr_inodes=3");
  skip(reason !== undefined, reason);
  try {
    const destination = await prepared(to);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((index) => destination.beginFile(anItem(`f${index}`))));
    expect(outcomes.at(-1)).toMatchObject({
      reason: { code: "target-full", kind: "full", advice: expect.any(String) },
    });
  } finally {
    unmount(to);
  }
});

const prelude = `
const { openFsDestination } = await import(${JSON.stringify(moduleUrl("destination"))});
const { fromText } = await import(${JSON.stringify(moduleUrl("foundation"))});
const { lstatSync, readdirSync } = await import("node:fs");
const info = { sizeBytes: 0, modifiedNs: 5n, device: 1n, inode: 1n, linkCount: 1, userName: "", groupName: "" };
const [uid, gid] = [process.geteuid(), process.getegid()];
const item = (path, kind, permissions, userId = uid, groupId = gid) =>
  ({ path, info: { ...info, kind, name: path, permissions, userId, groupId } });
const failure = (error) => ({ code: error.code, kind: error.kind });
const destination = openFsDestination({ directory: process.argv[1] });
`;

test("an ordinary user gets everything back but owners, and no set-id bit of somebody else", () => {
  const to = ownedByOrdinaryUser(temporary(), (path, id) => chownSync(path, id, id));
  const seen = runAsOrdinaryUser(
    `${prelude}
    await destination.prepare();
    const leftOut = {};
    const mode = (path) => (lstatSync(process.argv[1] + "/" + path).mode & 0o7777).toString(8);
    for (const file of [
      item("own", "file", 0o6755), item("root", "file", 0o6755, 0, 0), item("group", "file", 0o2750, uid, 0),
      item("plain", "file", 0o400, 0, 0),
    ]) {
      await destination.beginFile(file);
      leftOut[file.path] = [await destination.finishFile(file), mode(file.path)];
    }
    const labelled = item("labelled", "file", 0o400);
    labelled.extendedAttributes = ["trusted.t", "security.capability"].map((name) => ({ name, value: new Uint8Array(20) }));
    await destination.beginFile(labelled);
    leftOut.labelled = [await destination.finishFile(labelled), mode("labelled")];
    console.log(JSON.stringify(leftOut));`,
    to,
  );
  expect(seen).toEqual({
    own: [[], "6755"],
    root: [["owner", "set-id"], "755"],
    group: [["owner", "set-id"], "750"],
    plain: [["owner"], "400"],
    labelled: [["privileged-attributes"], "400"],
  });
  expect(lstatSync(join(to, "plain")).uid).toBe(lstatSync(to).uid);
});

test("an ordinary user restores into directories that are recorded as read-only", () => {
  const to = ownedByOrdinaryUser(temporary(), (path, id) => chownSync(path, id, id));
  const module = `${prelude}
    await destination.prepare();
    const directory = item("closed", "directory", 0o500);
    for (let round = 0; round < 2; round++) {
      await destination.createDirectory(directory);
      await destination.beginFile(item("closed/f", "file", 0o400));
      await destination.finishFile(item("closed/f", "file", 0o400));
      await destination.finishDirectory(directory);
    }
    const stat = lstatSync(process.argv[1] + "/closed", { bigint: true });
    console.log(JSON.stringify([Number(stat.mode & 0o777n), Number(stat.mtimeNs)]));`;
  const seen = runAsOrdinaryUser(module, to);
  chmodSync(join(to, "closed"), 0o700);
  expect(seen).toEqual([0o500, 5]);
});

test("a target that an ordinary user may not write to is refused as denied", () => {
  const top = temporary();
  mkdirSync(join(top, "t"), { mode: 0o555 });
  const module = `${prelude}
    await destination.prepare();
    const outcomes = await Promise.allSettled([
      destination.beginFile(item("f", "file", 0o644)),
      destination.createDirectory(item("d", "directory", 0o755)),
    ]);
    console.log(JSON.stringify(outcomes.map(({ reason }) => failure(reason))));`;
  const denied = { code: "target-denied", kind: "denied" };
  expect(runAsOrdinaryUser(module, join(top, "t"))).toEqual([denied, denied]);
  expect(readdirSync(join(top, "t"))).toEqual([]);
});

const workerCode = `
const { parentPort, workerData } = require("node:worker_threads");
const fs = require("node:fs");
import(${JSON.stringify(moduleUrl("destination"))}).then(({ finishFileSync }) => {
  const { fsPath, what, policy } = workerData;
  const descriptor = fs.openSync(fsPath, fs.constants.O_WRONLY | fs.constants.O_NOFOLLOW);
  fs.writeSync(descriptor, "tail", 4);
  fs.writeSync(descriptor, "head", 0);
  fs.closeSync(descriptor);
  parentPort.postMessage(finishFileSync(fsPath, what, policy));
});
`;

test("a file that is still open is finished by its descriptor", async () => {
  const to = temporary();
  const destination = await prepared(to);
  const what: Metadata = anItem("f", "file", { permissions: 0o604, modifiedNs: 9n });
  const policy: MetadataPolicy = destination.policy;
  const { fsPath } = await destination.beginFile({ ...what });
  const descriptor = openSync(fsPath, "r+");
  expect(finishDescriptorSync(descriptor, what, policy)).toEqual([]);
  closeSync(descriptor);
  expect(lstatSync(fsPath).mode & 0o7777).toBe(0o604);
  // and by its path, which must still be a file
  expect(finishFileSync(fsPath, { ...what, info: { ...what.info, permissions: 0o640 } }, policy)).toEqual([]);
  expect(lstatSync(fsPath).mode & 0o7777).toBe(0o640);
  mkdirSync(join(to, "d"));
  expect(() => finishFileSync(join(to, "d"), what, policy)).toThrow(
    expect.objectContaining({ code: "restore-blocked" }),
  );
});

test("a worker thread writes and finishes a file whose name is not UTF-8", async () => {
  const to = temporary();
  const destination = await prepared(to);
  const item = { ...anItem("x", "file", { permissions: 0o640, modifiedNs: -3n }), path: fromLatin1("\xff") };
  const { fsPath } = await destination.beginFile(item);
  const worker = new Worker(workerCode, { eval: true, workerData: { fsPath, what: item, policy: destination.policy } });
  expect((await once(worker, "message"))[0]).toEqual([]);
  await worker.terminate();
  const stat = lstatSync(fsPath, { bigint: true });
  expect([stat.size, stat.mode & 0o7777n, stat.mtimeNs]).toEqual([8n, 0o640n, -3n]);
});
