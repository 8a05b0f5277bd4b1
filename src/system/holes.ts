import { systemCode } from "../foundation/index.ts";
import { lastError, native } from "./native.ts";

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
