import { readlinkSync } from "node:fs";
import { type ByteString, fromLatin1, systemCode } from "../foundation/index.ts";
import { cPath } from "./c-string.ts";
import { hasNative, lastError, native } from "./native.ts";
import { argumentOf, runProgram } from "./programs.ts";

/** Flags of an inode as chattr(1) names them: what statx(2) tells of them, and the owner or root may set. */
const bits: Readonly<Record<string, number>> = {
  a: 0x20, // append only
  c: 0x04, // compressed
  d: 0x40, // not to be dumped
  i: 0x10, // immutable
};
const ALL = Object.values(bits).reduce((all, bit) => all | bit, 0);

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const STATX_BYTES = 256;
const ATTRIBUTES_AT = 8;
const ATTRIBUTES_MASK_AT = 56;
/** _IOR('f', 1, long) and _IOW('f', 2, long) of 64-bit Linux; the kernel moves an int. */
const FS_IOC_GETFLAGS = 0x8008_6601n;
const FS_IOC_SETFLAGS = 0x4008_6602n;

const record = new Uint8Array(STATX_BYTES);
const view = new DataView(record.buffer);
/** Devices whose file systems know none of the flags: one look is enough. */
const without = new Set<bigint>();

/**
 * The letters of the flags that a file or directory has, sorted: "" for none, and where the file system or the platform
 * knows none. `device` is its st_dev. Links are not followed, and nothing is opened. Throws system errors.
 */
export function inodeFlags(path: ByteString, device: bigint): string {
  if (without.has(device)) return "";
  if (!hasNative("statx")) return flagsByProgram(path);
  const status = native("statx")(AT_FDCWD, cPath(path, "statx"), AT_SYMLINK_NOFOLLOW, 0, record);
  if (status !== 0) {
    const error = lastError("statx", path);
    if (systemCode(error) === "ENOSYS") return "";
    throw error;
  }
  if (!knowsFlags(view.getUint32(ATTRIBUTES_MASK_AT, true))) without.add(device);
  return flagLetters(view.getUint32(ATTRIBUTES_AT, true));
}

/**
 * Gives an open file or directory these flags of those that are known here, and leaves all others as they are. Throws
 * ENOTSUP or ENOTTY where the file system has none, EPERM where only root may.
 */
export function setInodeFlags(descriptor: number, letters: string): void {
  if (!hasNative("ioctl")) return setByProgram(descriptor, letters);
  const flags = new Int32Array(2);
  if (native("ioctl")(descriptor, FS_IOC_GETFLAGS, flags) !== 0) throw lastError("ioctl", descriptor);
  const wanted = letters.split("").reduce((all, letter) => all | (bits[letter] ?? 0), 0);
  flags[0] = ((flags[0] as number) & ~ALL) | wanted;
  if (native("ioctl")(descriptor, FS_IOC_SETFLAGS, flags) !== 0) throw lastError("ioctl", descriptor);
}

/** By lsattr(1); "" where it cannot. */
function flagsByProgram(path: ByteString): string {
  if (process.platform !== "linux") return "";
  try {
    const [shown = ""] = runProgram("lsattr", ["-d", argumentOf(path, "lsattr")], path).split(" ");
    return Object.keys(bits)
      .filter((letter) => shown.includes(letter))
      .join("");
  } catch {
    return "";
  }
}

/** By chattr(1), which takes paths: this process's name of the descriptor is good as long as it is open. */
function setByProgram(descriptor: number, letters: string): void {
  const path = fromLatin1(readlinkSync(`/proc/self/fd/${descriptor}`, "latin1"));
  const unset = Object.keys(bits).filter((letter) => !letters.includes(letter));
  // append-only and immutable go first, and come last: with them nothing else can be changed
  runProgram("chattr", [`-${unset.join("")}`, "--", argumentOf(path, "chattr")], path);
  if (letters !== "") runProgram("chattr", [`+${letters}`, "--", argumentOf(path, "chattr")], path);
}

/** Whether a file system knows any of the flags, by stx_attributes_mask. */
export function knowsFlags(mask: number): boolean {
  return (mask & ALL) !== 0;
}

/** The letters that stand for stx_attributes, sorted. */
export function flagLetters(flags: number): string {
  if ((flags & ALL) === 0) return "";
  return Object.entries(bits)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([letter]) => letter)
    .join("");
}
