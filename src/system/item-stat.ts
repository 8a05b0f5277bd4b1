import { type BigIntStats, lstatSync } from "node:fs";
import { type ByteString, systemCode, toFsPath } from "../foundation/index.ts";
import { cPath } from "./c-string.ts";
import { flagLetters, knowsFlags } from "./inode-flags.ts";
import { hasNative, lastError, native } from "./native.ts";
import { deviceNumber } from "./special-files.ts";

/** What the system says of one path, without following it. */
export interface ItemStat {
  /** st_mode: type and permissions. */
  readonly mode: number;
  readonly userId: number;
  readonly groupId: number;
  readonly linkCount: number;
  readonly sizeBytes: number;
  readonly device: bigint;
  readonly inode: bigint;
  /** What a device node stands for, as st_rdev. */
  readonly rawDevice: bigint;
  /** Nanoseconds since 1970, as are all times here. */
  readonly modifiedNs: bigint;
  /** When the inode was last changed: content, owner, attributes. */
  readonly changedNs: bigint;
  readonly createdNs: bigint;
  /** Flags of the inode as chattr(1) names them; undefined where this call does not tell them. */
  readonly flags: string | undefined;
}

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const STATX_BASIC_STATS = 0x7ff;

// struct statx (statx(2)), the same on every 64-bit Linux
const record = new Uint8Array(256);
const view = new DataView(record.buffer);
const at = {
  ...{ mask: 0, attributes: 8, linkCount: 16, userId: 20, groupId: 24, mode: 28, inode: 32, size: 40 },
  ...{ attributesMask: 56, created: 80, changed: 96, modified: 112, rawDevice: 128, device: 136 },
};

/**
 * One call where statx(2) is within reach, which also tells the flags; else lstat. No object for each field is made: of a large
 * tree most of the time goes into this. Throws system errors.
 */
export function statItem(path: ByteString): ItemStat {
  if (!hasNative("statx")) return fromStats(lstatSync(toFsPath(path), { bigint: true }));
  const status = native("statx")(AT_FDCWD, cPath(path, "statx"), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, record);
  if (status === 0 && (view.getUint32(at.mask, true) & STATX_BASIC_STATS) === STATX_BASIC_STATS) return fromRecord();
  // a kernel before 4.11, or a container that forbids what it does not know
  const error = status === 0 ? undefined : lastError("statx", path);
  if (error && !["ENOSYS", "EPERM"].includes(systemCode(error) ?? "")) throw error;
  return fromStats(lstatSync(toFsPath(path), { bigint: true }));
}

function fromRecord(): ItemStat {
  const device = numberAt(at.device);
  return {
    mode: view.getUint16(at.mode, true),
    userId: view.getUint32(at.userId, true),
    groupId: view.getUint32(at.groupId, true),
    linkCount: view.getUint32(at.linkCount, true),
    sizeBytes: view.getUint32(at.size, true) + view.getUint32(at.size + 4, true) * 2 ** 32,
    device,
    inode: view.getBigUint64(at.inode, true),
    rawDevice: numberAt(at.rawDevice),
    modifiedNs: timeAt(at.modified),
    changedNs: timeAt(at.changed),
    createdNs: timeAt(at.created),
    flags: knowsFlags(view.getUint32(at.attributesMask, true)) ? flagLetters(view.getUint32(at.attributes, true)) : "",
  };
}

let lastNumbers = { major: -1, minor: -1, device: 0n };

/** Items of one tree are on one device for the most part. */
function numberAt(offset: number): bigint {
  const major = view.getUint32(offset, true);
  const minor = view.getUint32(offset + 4, true);
  if (major === 0 && minor === 0) return 0n;
  if (lastNumbers.major !== major || lastNumbers.minor !== minor)
    lastNumbers = { major, minor, device: deviceNumber(major, minor) };
  return lastNumbers.device;
}

/** Seconds may be negative; nanoseconds count upwards from them. */
function timeAt(offset: number): bigint {
  return view.getBigInt64(offset, true) * 1_000_000_000n + BigInt(view.getUint32(offset + 8, true));
}

function fromStats(stat: BigIntStats): ItemStat {
  return {
    mode: Number(stat.mode),
    userId: Number(stat.uid),
    groupId: Number(stat.gid),
    linkCount: Number(stat.nlink),
    sizeBytes: Number(stat.size),
    device: stat.dev,
    inode: stat.ino,
    rawDevice: stat.rdev,
    modifiedNs: stat.mtimeNs,
    changedNs: stat.ctimeNs,
    createdNs: stat.birthtimeNs,
    flags: undefined,
  };
}
