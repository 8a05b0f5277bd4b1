import type { ByteString } from "../foundation/index.ts";
import { cPath } from "./c-string.ts";
import { hasNative, lastError, native } from "./native.ts";
import { argumentOf, runProgram } from "./programs.ts";

/** Makes a FIFO; `permissions` are reduced by the umask. Without native calls the program mkfifo(1) makes it. */
export function mkfifo(path: ByteString, permissions: number): void {
  if (!hasNative("mkfifo")) {
    runProgram("mkfifo", ["-m", modeText(permissions), "--", argumentOf(path, "mkfifo")], path);
    return;
  }
  if (native("mkfifo")(cPath(path, "mkfifo"), permissions) !== 0) throw lastError("mkfifo", path);
}

function modeText(permissions: number): string {
  return (permissions & 0o777 & ~process.umask()).toString(8);
}

const S_IFMT = 0o170000;
/** What mknod(1) can make: no sockets. */
const nodeTypes: ReadonlyMap<number, string> = new Map([
  [0o020000, "c"],
  [0o060000, "b"],
  [0o010000, "p"],
]);

/**
 * Makes a device, FIFO, socket or file node. `mode` is S_IFCHR and kin with permission bits, reduced by the umask;
 * `device` is as in st_rdev. Throws ENOTSUP also on C libraries before glibc 2.33, which do not export it:
 * there the program mknod(1) makes what it can, which is all but sockets and files.
 */
export function mknod(path: ByteString, mode: number, device = 0n): void {
  const type = nodeTypes.get(mode & S_IFMT);
  if (!hasNative("mknod") && type !== undefined) {
    const { major, minor } = deviceParts(device);
    const numbers = type === "p" ? [] : [String(major), String(minor)];
    runProgram("mknod", ["-m", modeText(mode), "--", argumentOf(path, "mknod"), type, ...numbers], path);
    return;
  }
  if (native("mknod")(cPath(path, "mknod"), mode, device) !== 0) throw lastError("mknod", path);
}

/** Sets the umask of the whole process (all threads) where `mask` is given; answers the one before. */
export function umask(mask?: number): number {
  if (mask === undefined) return process.umask();
  return native("umask")(mask);
}

/** Major and minor number in one, as st_rdev and mknod have them on Linux (makedev(3)). */
export function deviceNumber(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return ((high & 0xfffff000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | (low & 0xffn);
}

/** The two numbers in st_rdev. */
export function deviceParts(device: bigint): { readonly major: number; readonly minor: number } {
  const major = ((device >> 32n) & 0xfffff000n) | ((device >> 8n) & 0xfffn);
  const minor = ((device >> 12n) & 0xffffff00n) | (device & 0xffn);
  return { major: Number(major), minor: Number(minor) };
}
