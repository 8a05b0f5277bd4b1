import { type FileInfo, goMode, NOT_REGULAR, V1_0_0, type VfsEntry, zeroMac } from "../format/index.ts";
import { type ByteString, baseName, type ItemInfo, parentPath } from "../foundation/index.ts";
import type { BuilderItem } from "./item.ts";

/** The twelve fields that decide, here and in the Go implementation, whether a file is unchanged. */
export function fileInfoOf(path: ByteString, info: ItemInfo): FileInfo {
  return {
    name: path === "/" ? path : baseName(path),
    size: info.sizeBytes,
    mode: goMode(info.kind, info.permissions),
    modTimeNs: info.modifiedNs,
    dev: info.device,
    ino: info.inode,
    uid: BigInt(info.userId),
    gid: BigInt(info.groupId),
    nlink: info.linkCount & 0xffff,
    username: info.userName,
    groupname: info.groupName,
    flags: 0,
  };
}

/** Which fields are present or absent is as binding as their bytes: format-gaps section 7. */
export function entryOf(item: BuilderItem): VfsEntry {
  const { path, info, content } = item;
  const names = (item.extendedAttributes ?? []).map(({ name }) => name);
  return {
    version: V1_0_0,
    parentPath: parentPath(path),
    fileInfo: fileInfoOf(path, info),
    ...(item.symlinkTarget !== undefined && { symlinkTarget: item.symlinkTarget }),
    object: content?.object ?? zeroMac,
    ...(content && { contentType: content.contentType }),
    ...(!content && info.kind !== "directory" && { contentType: NOT_REGULAR }),
    ...(content && content.entropy !== 0 && { entropy: content.entropy }),
    ...(content && content.chunks !== 0 && { chunks: content.chunks }),
    ...(names.length > 0 && { extendedAttributes: names }),
  };
}
