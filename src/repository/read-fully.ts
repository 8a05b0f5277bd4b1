import { readSync } from "node:fs";

/** Fills `bytes` from a place in a file; false when the file ends before. Throws what the system says. */
export function readFully(descriptor: number, bytes: Uint8Array, position: number): boolean {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(descriptor, bytes, at, bytes.length - at, position + at);
    if (read === 0) return false;
    at += read;
  }
  return true;
}

/** As `readFully`, and false, too, when the system refuses. */
export function isRead(descriptor: number, bytes: Uint8Array, position: number): boolean {
  try {
    return readFully(descriptor, bytes, position);
  } catch {
    return false;
  }
}
