import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

/** SHA-256 of a file in hex, in little memory. */
export function digestOf(file: string): string {
  const hash = createHash("sha256");
  const room = Buffer.allocUnsafe(1 << 20);
  const descriptor = openSync(file, "r");
  try {
    for (let length = readSync(descriptor, room); length > 0; length = readSync(descriptor, room))
      hash.update(room.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}
