import type { ByteString } from "./byte-string.ts";

/** What kind of thing a record is; `file` alone has content. */
export type ItemKind = "file" | "directory" | "symlink" | "fifo" | "socket" | "character-device" | "block-device";

/** What a source knows of an item without reading it: the twelve fields of the format's file_info. */
export interface ItemInfo {
  readonly kind: ItemKind;
  readonly name: ByteString;
  readonly sizeBytes: number;
  /** Permission bits with setuid, setgid, sticky: `st_mode & 0o7777`. */
  readonly permissions: number;
  readonly modifiedNs: bigint;
  readonly device: bigint;
  readonly inode: bigint;
  readonly userId: number;
  readonly groupId: number;
  readonly linkCount: number;
  readonly userName: string;
  readonly groupName: string;
}

export interface ExtendedAttribute {
  readonly name: ByteString;
  readonly value: Uint8Array;
}

/**
 * The format has no field for the number of a device: it is kept as an attribute of this name, `MAJOR:MINOR` in decimal, on
 * the entry of the device. It is no attribute of the file system, and only devices have it.
 */
export const DEVICE_ATTRIBUTE: ByteString = "trusted.plakar.device" as ByteString;

/**
 * What Windows knows of an item and the format has no field for is kept in the same way: attributes as words with commas
 * between (`hidden,archive`), the birth time in nanoseconds since 1970, in decimal, and small streams beside the content,
 * whose names follow the prefix. Only Windows takes them back.
 */
export const WINDOWS_ATTRIBUTES: ByteString = "user.plakar.windows-attributes" as ByteString;
export const BIRTH_TIME_ATTRIBUTE: ByteString = "user.plakar.birth-time" as ByteString;
export const STREAM_ATTRIBUTE_PREFIX: ByteString = "user.plakar.stream." as ByteString;

/** Whether an attribute stands for something of Windows, and is none of the file system. */
export function isWindowsAttribute(name: ByteString): boolean {
  return name === WINDOWS_ATTRIBUTES || name === BIRTH_TIME_ATTRIBUTE || name.startsWith(STREAM_ATTRIBUTE_PREFIX);
}

/**
 * Flags of an inode (chattr) have no field either: letters of `acdi`, sorted, kept as an attribute of this name on files and
 * directories that have any.
 */
export const FLAGS_ATTRIBUTE: ByteString = "trusted.plakar.flags" as ByteString;
