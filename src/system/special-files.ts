import type { ByteString } from "../foundation/index.ts";
import { cPath } from "./c-string.ts";
import { lastError, native } from "./native.ts";

/** Makes a FIFO; `permissions` are reduced by the umask. */
export function mkfifo(path: ByteString, permissions: number): void {
  if (native("mkfifo")(cPath(path, "mkfifo"), permissions) !== 0) throw lastError("mkfifo", path);
}

/**
 * Makes a device, FIFO, socket or file node. `mode` is S_IFCHR and kin with permission bits, reduced by the umask;
 * `device` is as in st_rdev. Throws ENOTSUP also on C libraries before glibc 2.33, which do not export it.
 */
export function mknod(path: ByteString, mode: number, device = 0n): void {
  if (native("mknod")(cPath(path, "mknod"), mode, device) !== 0) throw lastError("mknod", path);
}

/** Sets the umask of the whole process (all threads) where `mask` is given; answers the one before. */
export function umask(mask?: number): number {
  if (mask === undefined) return process.umask();
  return native("umask")(mask);
}
