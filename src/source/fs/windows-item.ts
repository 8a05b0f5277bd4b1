import { readFileSync } from "node:fs";
import {
  BIRTH_TIME_ATTRIBUTE,
  type ByteString,
  type ExtendedAttribute,
  formatSize,
  type ItemInfo,
  type ItemKind,
  STREAM_ATTRIBUTE_PREFIX,
  toDisplay,
  WINDOWS_ATTRIBUTES,
} from "../../foundation/index.ts";
import {
  ARCHIVE,
  alternateStreams,
  attributeWords,
  DIRECTORY,
  JUNCTION,
  streamPath,
  windowsAttributesOf,
  windowsLinkKind,
} from "../../system/index.ts";

/** A stream of at most this size is kept; real ones hold where a file came from, or its tags. */
const MAX_STREAM_BYTES = 64 << 10;

/** What stands above drives and shares: a directory that only snapshots have. */
export function directoryAboveDrives(name: ByteString): ItemInfo {
  return {
    kind: "directory",
    name,
    sizeBytes: 0,
    permissions: 0o755,
    modifiedNs: 0n,
    device: 0n,
    inode: 0n,
    userId: 0,
    groupId: 0,
    linkCount: 0,
    userName: "",
    groupName: "",
  };
}

/**
 * The permissions of an item of Windows elsewhere. Everybody enters a directory, as the Go implementation has it; of the
 * read-only attribute, which means something else there, only the attribute tells.
 */
export function windowsPermissions(kind: ItemKind, mode: number): number {
  return kind === "file" ? mode & 0o777 : 0o777;
}

export interface WindowsItem {
  readonly path: ByteString;
  readonly kind: ItemKind;
  readonly createdNs: bigint;
}

/** What is kept of an item beside its fields, sorted by name; the attributes that every new item has are not. */
export function windowsAttributes(
  { path, kind, createdNs }: WindowsItem,
  onLost: (message: string) => void,
): ExtendedAttribute[] {
  const attributes = kind === "symlink" ? linkAttributes(path) : windowsAttributesOf(path);
  const kept: ExtendedAttribute[] = [{ name: BIRTH_TIME_ATTRIBUTE, value: Buffer.from(`${createdNs}`) }];
  if (kind !== "symlink") kept.push(...streams(path, onLost));
  const words = attributes === undefined ? undefined : wordsOf(kind, attributes);
  if (words !== undefined) kept.push({ name: WINDOWS_ATTRIBUTES, value: Buffer.from(words) });
  return kept;
}

function linkAttributes(path: ByteString): number | undefined {
  const all = windowsAttributesOf(path);
  return all === undefined ? undefined : (all & ~JUNCTION) | (windowsLinkKind(path) ?? 0);
}

/** Undefined for what a new item of its kind has. */
function wordsOf(kind: ItemKind, attributes: number): string | undefined {
  if (kind === "symlink") return attributeWords(attributes);
  const words = attributeWords(attributes & ~(DIRECTORY | JUNCTION));
  return words === attributeWords(kind === "file" ? ARCHIVE : 0) ? undefined : words;
}

function streams(path: ByteString, onLost: (message: string) => void): ExtendedAttribute[] {
  const kept: ExtendedAttribute[] = [];
  for (const { name, sizeBytes } of alternateStreams(path)) {
    if (sizeBytes > MAX_STREAM_BYTES) {
      onLost(`its stream ${toDisplay(name)} is not saved: ${formatSize(sizeBytes)} is more than streams may have`);
      continue;
    }
    kept.push({ name: `${STREAM_ATTRIBUTE_PREFIX}${name}` as ByteString, value: readFileSync(streamPath(path, name)) });
  }
  return kept.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
