import { systemCode } from "../foundation/index.ts";
import { hasNative, lastError, native } from "./native.ts";

const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/**
 * Where the next data at or after `offset` begins, in bytes; undefined when only a hole is left before the end of the
 * file. Moves the descriptor's own position. ENOTSUP without native calls, EINVAL where the file system does not know.
 */
export function seekData(descriptor: number, offset: number): number | undefined {
  return seek(descriptor, offset, SEEK_DATA);
}

/** Where the next hole at or after `offset` begins: the end of the file when there is none; undefined beyond the end. */
export function seekHole(descriptor: number, offset: number): number | undefined {
  return seek(descriptor, offset, SEEK_HOLE);
}

function seek(descriptor: number, offset: number, whence: number): number | undefined {
  const position = native("lseek")(descriptor, BigInt(offset), whence);
  if (position >= 0n) return Number(position);
  const error = lastError("lseek", descriptor);
  if (systemCode(error) === "ENXIO") return undefined;
  throw error;
}

const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;

/**
 * Makes a range of an open file a hole: it reads as zeros and takes no space. False where the file system or the platform
 * cannot, and nothing is changed.
 */
export function punchHole(descriptor: number, offset: number, length: number): boolean {
  if (!hasNative("fallocate")) return false;
  const mode = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE;
  if (native("fallocate")(descriptor, mode, BigInt(offset), BigInt(length)) === 0) return true;
  const error = lastError("fallocate", descriptor);
  if (["ENOTSUP", "ENOSYS", "EINVAL"].includes(systemCode(error) ?? "")) return false;
  throw error;
}
