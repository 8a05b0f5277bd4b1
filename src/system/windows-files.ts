import { type ByteString, fromBytes, toFsPath } from "../foundation/index.ts";
import { hasKernel32, kernel32, lastWindowsError } from "./kernel32.ts";
import { errorOfCode } from "./system-error.ts";
import { wideString } from "./wide-string.ts";
import { DIRECTORY, JUNCTION } from "./windows-attributes.ts";

const INVALID_ATTRIBUTES = 0xffff_ffff;
const INVALID_HANDLE = -1n;
const FILE_READ_ATTRIBUTES = 0x80;
const FILE_WRITE_ATTRIBUTES = 0x100;
const SHARE_ALL = 7;
const OPEN_EXISTING = 3;
/** FILE_FLAG_BACKUP_SEMANTICS, which opens directories, and FILE_FLAG_OPEN_REPARSE_POINT, which follows no link. */
const AS_IT_IS = 0x0220_0000;
const FILE_BASIC_INFO = 0;
const FILE_ATTRIBUTE_TAG_INFO = 9;
const MOUNT_POINT_TAG = 0xa000_0003;

/** As Windows counts time: 100 ns since 1601. */
const UNIX_EPOCH = 116_444_736_000_000_000n;

/** The time as Windows keeps it, to 100 ns; EINVAL before 1601 and where it means something else. */
export function toFileTime(ns: bigint): bigint {
  const hundreds = ns >= 0n ? ns / 100n : -((-ns + 99n) / 100n);
  const time = hundreds + UNIX_EPOCH;
  if (time <= 0n || time >= 1n << 63n) throw errorOfCode("EINVAL", "SetFileInformationByHandle");
  return time;
}

function wide(path: ByteString): Buffer {
  const native = toFsPath(path);
  return wideString(typeof native === "string" ? (native as ByteString) : fromBytes(native));
}

function withHandle<T>(path: ByteString, access: number, use: (handle: bigint) => T): T {
  const handle = kernel32("CreateFileW")(wide(path), access, SHARE_ALL, 0n, OPEN_EXISTING, AS_IT_IS, 0n);
  if (handle === INVALID_HANDLE) throw lastWindowsError("CreateFile", path);
  try {
    return use(handle);
  } finally {
    kernel32("CloseHandle")(handle);
  }
}

/** The attributes of an item itself; undefined without native calls. */
export function windowsAttributesOf(path: ByteString): number | undefined {
  if (!hasKernel32()) return undefined;
  const attributes = kernel32("GetFileAttributesW")(wide(path));
  if (attributes === INVALID_ATTRIBUTES) throw lastWindowsError("GetFileAttributes", path);
  return attributes;
}

/** Of a link: whether it is one to a directory, and whether it is a junction; undefined without native calls. */
export function windowsLinkKind(path: ByteString): number | undefined {
  if (!hasKernel32()) return undefined;
  const content = Buffer.alloc(8);
  withHandle(path, FILE_READ_ATTRIBUTES, (handle) => {
    const answer = kernel32("GetFileInformationByHandleEx")(handle, FILE_ATTRIBUTE_TAG_INFO, content, content.length);
    if (answer === 0) throw lastWindowsError("GetFileInformationByHandleEx", path);
  });
  const junction = content.readUInt32LE(4) === MOUNT_POINT_TAG ? JUNCTION : 0;
  return (content.readUInt32LE(0) & DIRECTORY) | junction;
}

export interface WindowsMetadata {
  readonly modifiedNs: bigint;
  readonly createdNs?: bigint | undefined;
  /** NORMAL for none; what is left away stays. */
  readonly attributes?: number | undefined;
}

/** Sets times and attributes of an item itself in one call, a read-only one's too. ENOTSUP without native calls. */
export function setWindowsMetadata(path: ByteString, { modifiedNs, createdNs, attributes = 0 }: WindowsMetadata): void {
  // creation, access, write, change; attributes, and four bytes that nobody reads. 0 leaves what is there
  const content = Buffer.alloc(40);
  content.writeBigInt64LE(createdNs === undefined ? 0n : toFileTime(createdNs), 0);
  content.writeBigInt64LE(toFileTime(modifiedNs), 16);
  content.writeUInt32LE(attributes, 32);
  withHandle(path, FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES, (handle) => {
    const answer = kernel32("SetFileInformationByHandle")(handle, FILE_BASIC_INFO, content, content.length);
    if (answer === 0) throw lastWindowsError("SetFileInformationByHandle", path);
  });
}
