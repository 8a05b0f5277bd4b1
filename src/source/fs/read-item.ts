import { readlinkSync } from "node:fs";
import {
  type ByteString,
  DEVICE_ATTRIBUTE,
  type ExtendedAttribute,
  FLAGS_ATTRIBUTE,
  fromLatin1,
  fromWindowsTarget,
  type ItemInfo,
  type ItemKind,
  isAboveDrives,
  systemCode,
  toDisplay,
  toFsPath,
} from "../../foundation/index.ts";
import {
  describeSystemError,
  deviceParts,
  getExtendedAttribute,
  groupName,
  type ItemStat,
  inodeFlags,
  listExtendedAttributes,
  statItem,
  userName,
} from "../../system/index.ts";
import type { SourceFailure, SourceItem } from "../contract.ts";
import { directoryAboveDrives, windowsAttributes, windowsPermissions } from "./windows-item.ts";

const isWindows = process.platform === "win32";

const S_IFMT = 0o170000;
const kinds: ReadonlyMap<number, ItemKind> = new Map([
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "symlink"],
  [0o010000, "fifo"],
  [0o140000, "socket"],
  [0o020000, "character-device"],
  [0o060000, "block-device"],
]);

/** The kind of a st_mode, undefined when it is none that is known. */
function kindOfMode(mode: number): ItemKind | undefined {
  return kinds.get(mode & S_IFMT);
}

export function itemInfo(name: ByteString, stat: ItemStat, names: boolean): ItemInfo | undefined {
  const { mode, userId, groupId } = stat;
  const kind = kindOfMode(mode);
  if (kind === undefined) return undefined;
  return {
    kind,
    name,
    sizeBytes: stat.sizeBytes,
    permissions: isWindows ? windowsPermissions(kind, mode) : mode & 0o7777,
    modifiedNs: stat.modifiedNs,
    device: stat.device,
    inode: stat.inode,
    userId,
    groupId,
    // the format keeps 16 bits, cut off as the Go implementation does
    linkCount: stat.linkCount & 0xffff,
    userName: names ? userName(userId) : "",
    groupName: names ? groupName(groupId) : "",
  };
}

/** What could be learned of one path: `item` is missing when it could not be saved at all. */
export interface ReadItem {
  readonly item?: SourceItem;
  readonly failure?: SourceFailure;
}

/** Reads everything but content of one path, without following it. */
export function readItem(path: ByteString, name: ByteString, withAttributes: boolean): ReadItem {
  if (isWindows && isAboveDrives(path)) return { item: { path, info: directoryAboveDrives(name) } };
  let doing = "read";
  try {
    const stat = statItem(path);
    const info = itemInfo(name, stat, true);
    if (!info) return failed(path, "it is of a kind that cannot be saved");
    if (info.kind === "character-device" || info.kind === "block-device")
      return withDeviceNumber({ path, info }, stat, withAttributes);
    doing = "read the target of";
    const target = info.kind === "symlink" ? { symlinkTarget: readTarget(path) } : undefined;
    const item = { path, info, changedNs: stat.changedNs, ...target };
    if (!withAttributes) return { item };
    if (isWindows) return withWindowsAttributes(item, stat.createdNs);
    return withFlags(withExtendedAttributes(item), stat);
  } catch (error) {
    return failed(path, `cannot ${doing} it: ${describeSystemError(error)}`);
  }
}

/** What a device is stands in its number alone: it is kept whether attributes are wanted or not. */
function withDeviceNumber(item: SourceItem, stat: ItemStat, withAttributes: boolean): ReadItem {
  const { major, minor } = deviceParts(stat.rawDevice);
  const number = { name: DEVICE_ATTRIBUTE, value: Buffer.from(`${major}:${minor}`) };
  const read = withAttributes ? withExtendedAttributes(item) : { item };
  const found = read.item?.extendedAttributes ?? [];
  const others = found.filter(({ name }) => name !== DEVICE_ATTRIBUTE);
  const extendedAttributes = [...others, number].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const kept: ReadItem = { ...read, item: { ...item, extendedAttributes } };
  return others.length < found.length ? withoutOwn(kept, DEVICE_ATTRIBUTE) : kept;
}

/** Flags of files and directories; where they cannot be learned the rest is saved, and the failure reported. */
function withFlags(read: ReadItem, stat: ItemStat): ReadItem {
  const { item } = read;
  if (!item || !(item.info.kind === "file" || item.info.kind === "directory")) return read;
  if (stat.flags === "" && item.extendedAttributes === undefined) return read;
  const found = item.extendedAttributes ?? [];
  const others = found.filter(({ name }) => name !== FLAGS_ATTRIBUTE);
  try {
    const letters = stat.flags ?? inodeFlags(item.path, stat.device);
    if (letters === "" && others.length === found.length) return read;
    const flags = letters === "" ? [] : [{ name: FLAGS_ATTRIBUTE, value: Buffer.from(letters) }];
    const extendedAttributes = [...others, ...flags].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const kept: ReadItem = { ...read, item: { ...item, extendedAttributes } };
    return others.length < found.length ? withoutOwn(kept, FLAGS_ATTRIBUTE) : kept;
  } catch (error) {
    return { item, failure: { path: item.path, message: `cannot read its flags: ${describeSystemError(error)}` } };
  }
}

/** An attribute under a name that stands for something else in snapshots is not saved, and that is told. */
function withoutOwn({ item, failure }: ReadItem, name: ByteString): ReadItem {
  if (!item) return {};
  const lost = `its attribute ${toDisplay(name)} is not saved: the name is plakar's own`;
  return { item, failure: { path: item.path, message: failure ? `${failure.message}; ${lost}` : lost } };
}

function failed(path: ByteString, message: string): ReadItem {
  return { failure: { path, message } };
}

function readTarget(path: ByteString): ByteString {
  const target = fromLatin1(readlinkSync(toFsPath(path), "latin1"));
  return isWindows ? fromWindowsTarget(target) : target;
}

/** The item with what Windows alone knows of it; where that cannot be read it is saved without, and the failure reported. */
function withWindowsAttributes(item: SourceItem, createdNs: bigint): ReadItem {
  const { path, info } = item;
  const lost: string[] = [];
  try {
    const { kind } = info;
    const extendedAttributes = windowsAttributes({ path, kind, createdNs }, (message) => lost.push(message));
    const failure = lost.length > 0 ? { failure: { path, message: lost.join("; ") } } : {};
    return { item: { ...item, extendedAttributes }, ...failure };
  } catch (error) {
    return { item, failure: { path, message: `cannot read its attributes: ${describeSystemError(error)}` } };
  }
}

/** An item may hold at most this much in attributes: what real file systems allow is far below. */
const MAX_ATTRIBUTE_BYTES = 16 << 20;

/** The item with its attributes; where they cannot be read it is saved without them, and the failure reported. */
function withExtendedAttributes(item: SourceItem): ReadItem {
  try {
    const names = listExtendedAttributes(item.path);
    if (names.length === 0) return { item };
    const extendedAttributes = readAttributes(item.path, names);
    return { item: extendedAttributes.length === 0 ? item : { ...item, extendedAttributes } };
  } catch (error) {
    if (systemCode(error) === "ENOTSUP") return { item };
    const message = `cannot read its extended attributes: ${describeSystemError(error)}`;
    return { item, failure: { path: item.path, message } };
  }
}

function readAttributes(path: ByteString, names: readonly ByteString[]): ExtendedAttribute[] {
  const attributes: ExtendedAttribute[] = [];
  let total = 0;
  for (const name of names) {
    const value = readAttribute(path, name);
    if (!value) continue;
    total += value.length;
    if (total > MAX_ATTRIBUTE_BYTES) throw new Error(`they are larger than ${MAX_ATTRIBUTE_BYTES} bytes`);
    attributes.push({ name, value });
  }
  return attributes;
}

/** The value, or undefined when it vanished since the names were listed. */
function readAttribute(path: ByteString, name: ByteString): Uint8Array | undefined {
  try {
    return getExtendedAttribute(path, name);
  } catch (error) {
    if (systemCode(error) === "ENODATA") return undefined;
    throw error;
  }
}
