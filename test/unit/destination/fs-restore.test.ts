import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ByteString, fromLatin1, fromText } from "../../../src/foundation/index.ts";
import type { SourceItem } from "../../../src/source/index.ts";
import { mkfifo, setExtendedAttribute, setModifiedTime } from "../../../src/system/index.ts";
import { type Walked, walkAll } from "../source/walk-all.ts";
import { isRoot, noAttributes, temporaryDirectories } from "../system/temporary.ts";
import { anItem, copyTree, prepared, restoreFile } from "./restore-tree.ts";

const temporary = temporaryDirectories();

function raw(root: string, name: string): ByteString {
  return fromLatin1(`${fromText(root)}/${name}`);
}

function file(path: ByteString): void {
  writeFileSync(Buffer.from(path, "latin1"), `content of ${path}`);
}

/** A tree with something of everything that can be restored. */
function richTree(root: string): void {
  mkdirSync(join(root, "dir", "deep"), { recursive: true });
  for (const name of ["plain", "dir/\xff\xfe", "dir/deep/new\nline", "set-id", "hard", "readonly"])
    file(raw(root, name));
  writeFileSync(join(root, "empty"), "");
  linkSync(join(root, "hard"), join(root, "dir", "hard-too"));
  symlinkSync("dir/deep", join(root, "link"));
  symlinkSync(Buffer.from("no/\xff/where", "latin1"), join(root, "dangling"));
  symlinkSync("/etc/passwd", join(root, "absolute"));
  mkfifo(raw(root, "fifo"), 0o640);
  mkdirSync(join(root, "sticky"));
  chmodSync(join(root, "sticky"), 0o3777);
  if (isRoot) {
    chownSync(join(root, "set-id"), 1234, 5678);
    chownSync(join(root, "dir"), 4321, 8765);
    lchownSync(join(root, "link"), 1111, 2222);
    chownSync(join(root, "fifo"), 3333, 4444);
  }
  chmodSync(join(root, "set-id"), 0o6755);
  chmodSync(join(root, "readonly"), 0o400);
  chmodSync(join(root, "dir", "deep"), 0o555);
  const times = {
    plain: -7_000_000_003n,
    link: 1_234_567_890_123_456_789n,
    fifo: 5n,
    dir: 999_999_999n,
    dangling: -1n,
  };
  for (const [name, ns] of Object.entries(times)) setModifiedTime(raw(root, name), ns);
  setModifiedTime(fromText(root), 1_500_000_000_000_000_042n);
}

/** What must be the same before and after. */
function comparable(walked: Walked): Record<string, unknown> {
  return Object.fromEntries(
    [...walked.items].map(([path, item]: [string, SourceItem]) => {
      const { kind, permissions, modifiedNs, userId, groupId, linkCount, sizeBytes } = item.info;
      const { symlinkTarget, extendedAttributes } = item;
      const size = kind === "directory" ? 0 : sizeBytes;
      return [
        path,
        { kind, permissions, modifiedNs, userId, groupId, linkCount, size, symlinkTarget, extendedAttributes },
      ];
    }),
  );
}

test("a tree comes back with content, kinds, owners, modes, exact times, link targets and hard links", async () => {
  const [from, to] = [temporary(), join(temporary(), "not", "there")];
  richTree(from);
  await copyTree(from, to);
  const after = await walkAll([to]);
  expect(comparable(after)).toEqual(comparable(await walkAll([from])));
  expect(readFileSync(Buffer.from(`${to}/dir/\xff\xfe`, "latin1"), "utf8")).toBe(
    `content of ${raw(from, "dir/\xff\xfe")}`,
  );
  expect(lstatSync(join(to, "hard")).ino).toBe(lstatSync(join(to, "dir", "hard-too")).ino);
  expect(after.items.get("dangling")?.symlinkTarget).toBe("no/\xff/where");
});

test("a tree restored over itself, with other contents, comes back the same", async () => {
  const [from, to] = [temporary(), temporary()];
  richTree(from);
  await copyTree(from, to);
  writeFileSync(join(to, "plain"), "something longer than what was there before, so that a rest would be seen");
  chmodSync(join(to, "dir"), 0o000);
  await copyTree(from, to);
  expect(comparable(await walkAll([to]))).toEqual(comparable(await walkAll([from])));
  expect(readFileSync(join(to, "plain"), "latin1")).toBe(`content of ${raw(from, "plain")}`);
});

test("extended attributes come back, of read-only files and directories too", async ({ skip }) => {
  const [from, to] = [temporary(), temporary()];
  skip(noAttributes(from) !== undefined, noAttributes(from));
  mkdirSync(join(from, "directory"));
  for (const name of ["file", "directory"]) {
    setExtendedAttribute(
      raw(from, name === "file" ? (file(raw(from, name)), name) : name),
      fromText("user.b"),
      Buffer.from("v"),
    );
    setExtendedAttribute(raw(from, name), fromLatin1("user.\xff"), new Uint8Array());
  }
  setExtendedAttribute(fromText(from), fromText("user.root"), new Uint8Array([0, 1]));
  chmodSync(join(from, "file"), 0o400);
  chmodSync(join(from, "directory"), 0o500);
  await copyTree(from, to);
  const after = await walkAll([to]);
  expect(comparable(after)).toEqual(comparable(await walkAll([from])));
  expect(after.items.get("file")?.extendedAttributes).toHaveLength(2);
});

test("root gets back trusted attributes of links, and capabilities, which a change of owner would clear", async ({
  skip,
}) => {
  const [from, to] = [temporary(), temporary()];
  skip(!isRoot, "only root may set them");
  skip(noAttributes(from, "trusted.probe") !== undefined, noAttributes(from, "trusted.probe"));
  symlinkSync("x", join(from, "link"));
  setExtendedAttribute(raw(from, "link"), fromText("trusted.t"), Buffer.from("v"));
  file(raw(from, "ping"));
  chownSync(join(from, "ping"), 1234, 1234);
  // VFS_CAP_REVISION_2 with the effective bit, and cap_net_raw permitted
  const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
  setExtendedAttribute(raw(from, "ping"), fromText("security.capability"), capability);
  await copyTree(from, to);
  const after = await walkAll([to]);
  expect(after.items.get("link")?.extendedAttributes).toEqual([{ name: "trusted.t", value: new Uint8Array([118]) }]);
  expect(after.items.get("ping")?.extendedAttributes).toEqual([
    { name: "security.capability", value: new Uint8Array(capability) },
  ]);
  expect(after.items.get("ping")?.info.userId).toBe(1234);
});

/** A POSIX access list: version 2, then entries of tag, permissions and id. */
function accessList(...entries: readonly (readonly [tag: number, permissions: number, id: number])[]): Uint8Array {
  const bytes = Buffer.alloc(4 + entries.length * 8);
  bytes.writeUInt32LE(2);
  entries.forEach(([tag, permissions, id], index) => {
    bytes.writeUInt16LE(tag, 4 + index * 8);
    bytes.writeUInt16LE(permissions, 6 + index * 8);
    bytes.writeUInt32LE(id, 8 + index * 8);
  });
  return bytes;
}

const NOBODY = 0xffff_ffff;
const shared = accessList([1, 7, NOBODY], [2, 6, 1234], [4, 5, NOBODY], [0x10, 7, NOBODY], [0x20, 0, NOBODY]);

test("access lists come back, and those the target would hand down do not stick", async ({ skip }) => {
  const [from, to] = [temporary(), temporary()];
  skip(noAttributes(from) !== undefined, noAttributes(from));
  mkdirSync(join(from, "team"));
  file(raw(from, "team/file"));
  file(raw(from, "private"));
  try {
    setExtendedAttribute(raw(from, "team"), fromText("system.posix_acl_default"), shared);
    setExtendedAttribute(raw(from, "team/file"), fromText("system.posix_acl_access"), shared);
    setExtendedAttribute(fromText(to), fromText("system.posix_acl_default"), shared);
  } catch (error) {
    skip(`no access lists here: ${String(error)}`);
  }
  chmodSync(join(from, "private"), 0o640);
  await copyTree(from, to);
  const [before, after] = [await walkAll([from]), await walkAll([to])];
  expect(comparable(after)).toEqual(comparable(before));
  expect(after.items.get("private")?.extendedAttributes).toBeUndefined();
  expect(after.items.get("team/file")?.extendedAttributes).toHaveLength(1);
});

test("until they are finished, nobody else enters directories or reads files", async () => {
  const to = join(temporary(), "target");
  const destination = await prepared(to);
  await destination.createDirectory(anItem("d", "directory", { permissions: 0o777 }));
  await destination.beginFile(anItem("d/f", "file", { permissions: 0o666 }));
  const modes = (): number[] => [".", "d", "d/f"].map((path) => lstatSync(join(to, path)).mode & 0o7777);
  expect(modes()).toEqual([0o700, 0o700, 0o600]);
  await destination.finishFile(anItem("d/f", "file", { permissions: 0o666 }));
  await destination.finishDirectory(anItem("d", "directory", { permissions: 0o777 }));
  await destination.finishDirectory(anItem("", "directory", { permissions: 0o751 }));
  expect(modes()).toEqual([0o751, 0o777, 0o666]);
});

test("without permissions, items have what new ones of this user have", async ({ skip }) => {
  const to = temporary();
  skip(noAttributes(to) !== undefined, noAttributes(to));
  const destination = await prepared(to, { skipPermissions: true });
  const attributes = ["user.kept", "system.posix_acl_access"].map((name) => ({
    name: fromText(name),
    value: name === "user.kept" ? new Uint8Array([1]) : shared,
  }));
  const item = {
    ...anItem("f", "file", { permissions: 0o6600, userId: 1234, groupId: 1234 }),
    extendedAttributes: attributes,
  };
  await restoreFile(destination, item);
  await destination.createDirectory(anItem("d", "directory"));
  await destination.finishDirectory(anItem("d", "directory", { permissions: 0o700, userId: 1234 }));
  const { items } = await walkAll([to]);
  const mask = process.umask();
  expect(items.get("f")?.info).toMatchObject({ permissions: 0o666 & ~mask, userId: process.geteuid?.() });
  expect(items.get("f")?.info.modifiedNs).toBe(item.info.modifiedNs);
  expect(items.get("f")?.extendedAttributes).toEqual([attributes[0]]);
  expect(items.get("d")?.info.permissions).toBe(0o777 & ~mask);
});

test("a directory whose own record was lost is made for what is below it", async () => {
  const to = temporary();
  const destination = await prepared(to);
  await restoreFile(destination, anItem("lost/too/file"));
  expect(readFileSync(join(to, "lost", "too", "file"), "utf8")).toBe("restored");
  await destination.createDirectory(anItem("lost", "directory"));
  await destination.finishDirectory(anItem("lost", "directory", { permissions: 0o711 }));
  expect(lstatSync(join(to, "lost")).mode & 0o777).toBe(0o711);
});

test("the target may be a link to a directory, and may be named relatively", async () => {
  const top = temporary();
  mkdirSync(join(top, "real"));
  symlinkSync("real", join(top, "link"));
  await restoreFile(await prepared(join(top, "link")), anItem("file"));
  expect(existsSync(join(top, "real", "file"))).toBe(true);
  expect(readlinkSync(join(top, "link"))).toBe("real");
});

test("20,000 files go into one directory", async () => {
  const to = temporary();
  const destination = await prepared(to);
  for (let index = 0; index < 20_000; index++) {
    const item = anItem(`d/f${index}`);
    await destination.beginFile(item);
    await destination.finishFile(item);
  }
  const { items } = await walkAll([to]);
  expect(items.size).toBe(20_002);
});
