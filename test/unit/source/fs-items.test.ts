import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromLatin1, fromText, toFsPath } from "../../../src/foundation/index.ts";
import {
  groupName,
  mkfifo,
  mknod,
  setExtendedAttribute,
  setModifiedTime,
  userName,
} from "../../../src/system/index.ts";
import { isRoot, noAttributes, temporaryDirectories } from "../system/temporary.ts";
import { walkAll } from "./walk-all.ts";

const temporary = temporaryDirectories();

test("an item carries everything lstat knows of it", async () => {
  const root = temporary();
  const path = join(root, "file");
  writeFileSync(path, "twelve bytes");
  linkSync(path, join(root, "second"));
  chmodSync(path, 0o4750);
  setModifiedTime(fromText(path), -1_234_567_891n);
  const stat = lstatSync(path, { bigint: true });
  const { items, failures } = await walkAll([root]);
  expect(failures).toEqual([]);
  expect(items.get("file")).toEqual({
    path: fromText(path),
    changedNs: stat.ctimeNs,
    info: {
      kind: "file",
      name: "file",
      sizeBytes: 12,
      permissions: 0o4750,
      modifiedNs: -1_234_567_891n,
      device: stat.dev,
      inode: stat.ino,
      userId: Number(stat.uid),
      groupId: Number(stat.gid),
      linkCount: 2,
      userName: userName(Number(stat.uid)),
      groupName: groupName(Number(stat.gid)),
    },
  });
  expect(items.get("second")?.info.inode).toBe(stat.ino);
});

test("accounts that the system does not know have no name", async ({ skip }) => {
  skip(!isRoot, "only root may give files away");
  const root = temporary();
  writeFileSync(join(root, "file"), "");
  chownSync(join(root, "file"), 3_999_999_999, 3_999_999_998);
  const info = (await walkAll([root])).items.get("file")?.info;
  expect([info?.userId, info?.userName, info?.groupId, info?.groupName]).toEqual([
    3_999_999_999,
    "",
    3_999_999_998,
    "",
  ]);
});

test("every kind of item is listed, with sticky and set-group bits", async () => {
  const root = temporary();
  mkdirSync(join(root, "directory"));
  chmodSync(join(root, "directory"), 0o3777);
  writeFileSync(join(root, "empty"), "");
  symlinkSync("nowhere/../at all", join(root, "link"));
  mkfifo(fromText(join(root, "fifo")), 0o600);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(root, "socket"), resolve));
  if (isRoot) mknod(fromText(join(root, "null")), 0o020_600, 0x103n);
  if (isRoot) mknod(fromText(join(root, "disk")), 0o060_600, 0x700n);
  const { items, failures } = await walkAll([root]);
  await new Promise((resolve) => server.close(resolve));
  expect(failures).toEqual([]);
  const kinds = Object.fromEntries([...items].map(([path, item]) => [path, item.info.kind]));
  expect(kinds).toEqual({
    ".": "directory",
    directory: "directory",
    empty: "file",
    link: "symlink",
    fifo: "fifo",
    socket: "socket",
    ...(isRoot && { null: "character-device", disk: "block-device" }),
  });
  expect(items.get("directory")?.info.permissions).toBe(0o3777);
  expect(items.get("link")?.symlinkTarget).toBe("nowhere/../at all");
  expect(items.get("empty")).not.toHaveProperty("symlinkTarget");
});

test("names and link targets are kept byte by byte", async () => {
  const root = temporary();
  const names = ["caf\xe9", "\xff\xfe", "new\nline", "\u00c3\u00a9", "z"].map(fromLatin1);
  for (const name of names) writeFileSync(Buffer.from(`${root}/${name}`, "latin1"), "");
  const target = fromLatin1("to/\xff\xc0\x80");
  symlinkSync(Buffer.from(target, "latin1"), Buffer.from(`${root}/link-\xfd`, "latin1"));
  mkdirSync(Buffer.from(`${root}/dir-\xfc`, "latin1"));
  writeFileSync(Buffer.from(`${root}/dir-\xfc/in-\xfb`, "latin1"), "");
  const { items, directories } = await walkAll([root]);
  const [first] = directories;
  expect(first?.children.map(({ info }) => info.name)).toEqual(
    ["caf\xe9", "dir-\xfc", "link-\xfd", "new\nline", "z", "\xc3\xa9", "\xff\xfe"].map(fromLatin1),
  );
  expect(items.get("link-\xfd")?.symlinkTarget).toBe(target);
  const inside = items.get("dir-\xfc/in-\xfb");
  expect(inside?.info.kind).toBe("file");
  expect(lstatSync(toFsPath(inside?.path ?? fromText(""))).isFile()).toBe(true);
});

test("extended attributes are read with their values, in byte order, of files, directories and the root", async ({
  skip,
}) => {
  const root = temporary();
  skip(noAttributes(root) !== undefined, noAttributes(root));
  mkdirSync(join(root, "directory"));
  writeFileSync(join(root, "file"), "");
  const value = new Uint8Array([0, 1, 255]);
  for (const name of ["user.z", "user.A", "user.\xe9"]) {
    setExtendedAttribute(fromText(join(root, "file")), fromLatin1(name), value);
  }
  setExtendedAttribute(fromText(join(root, "directory")), fromText("user.d"), new Uint8Array());
  setExtendedAttribute(fromText(root), fromText("user.root"), value);
  const { items } = await walkAll([root]);
  expect(items.get("file")?.extendedAttributes).toEqual(
    ["user.A", "user.z", "user.\xe9"].map((name) => ({ name: fromLatin1(name), value })),
  );
  expect(items.get("directory")?.extendedAttributes).toEqual([{ name: "user.d", value: new Uint8Array() }]);
  expect(items.get(".")?.extendedAttributes).toEqual([{ name: "user.root", value }]);
  const without = await walkAll([root], { extendedAttributes: false });
  expect([...without.items.values()].filter((item) => item.extendedAttributes)).toEqual([]);
});

test("root sees trusted attributes, of links as well", async ({ skip }) => {
  const root = temporary();
  skip(!isRoot, "only root sees trusted attributes");
  skip(noAttributes(root, "trusted.probe") !== undefined, noAttributes(root, "trusted.probe"));
  symlinkSync("x", join(root, "link"));
  setExtendedAttribute(fromText(join(root, "link")), fromText("trusted.t"), new Uint8Array([7]));
  const { items } = await walkAll([root]);
  expect(items.get("link")?.extendedAttributes).toEqual([{ name: "trusted.t", value: new Uint8Array([7]) }]);
});

test("an attribute under a name of plakar's own is told, and not taken for what that stands for", async ({ skip }) => {
  skip(!isRoot, "only root may set attributes that are trusted");
  const root = temporary();
  skip(noAttributes(root) !== undefined, noAttributes(root));
  const path = join(root, "file");
  writeFileSync(path, "");
  setExtendedAttribute(fromText(path), fromText("trusted.plakar.flags"), Buffer.from("i"));
  setExtendedAttribute(fromText(path), fromText("user.kept"), Buffer.from("x"));
  const { items, failures } = await walkAll([root]);
  expect(items.get("file")?.extendedAttributes?.map(({ name }) => name)).toStrictEqual(["user.kept"]);
  expect(failures).toMatchObject([{ path, message: expect.stringContaining("trusted.plakar.flags is not saved") }]);
});
