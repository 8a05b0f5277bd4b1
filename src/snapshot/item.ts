import { itemKindOf, type Mac, permissionsOf, type VfsEntry } from "../format/index.ts";
import type { ByteString, ExtendedAttribute, ItemInfo } from "../foundation/index.ts";

/** What the snapshot says of a regular file's content. */
export interface FileContent {
  readonly object: Mac;
  readonly contentType: string;
  readonly entropy: number;
  readonly chunks: number;
}

export interface BuilderItem {
  readonly path: ByteString;
  readonly info: ItemInfo;
  readonly symlinkTarget?: ByteString;
  readonly extendedAttributes?: readonly ExtendedAttribute[];
  /** For regular files. */
  readonly content?: FileContent;
  readonly listing?: undefined;
}

/** A child whose entry is taken over as it stands in an older listing. */
export interface TakenChild {
  readonly item: SnapshotItem;
  /** The listing, and where in it the child's frame lies; its last 32 bytes are the entry's MAC. */
  readonly listing: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** As the entry has it. */
  readonly contentType: string;
  /** Of files. */
  readonly entropy: number;
  readonly chunks: number;
}

/** A child of a directory that is being built. */
export type BuilderChild = BuilderItem | TakenChild;

export interface SnapshotItem {
  readonly path: ByteString;
  readonly info: ItemInfo;
  readonly symlinkTarget?: ByteString;
  readonly extendedAttributes?: readonly ExtendedAttribute[];
}

/** An entry in the terms of sources and destinations, under a path of the caller's. */
export function itemOf(
  path: ByteString,
  entry: VfsEntry,
  extendedAttributes?: readonly ExtendedAttribute[],
): SnapshotItem {
  const { fileInfo, symlinkTarget } = entry;
  return {
    path,
    info: {
      kind: itemKindOf(fileInfo.mode),
      name: fileInfo.name,
      sizeBytes: fileInfo.size,
      permissions: permissionsOf(fileInfo.mode),
      modifiedNs: fileInfo.modTimeNs,
      device: fileInfo.dev,
      inode: fileInfo.ino,
      userId: Number(fileInfo.uid),
      groupId: Number(fileInfo.gid),
      linkCount: fileInfo.nlink,
      userName: fileInfo.username,
      groupName: fileInfo.groupname,
    },
    ...(symlinkTarget !== undefined && { symlinkTarget }),
    ...(extendedAttributes && { extendedAttributes }),
  };
}
