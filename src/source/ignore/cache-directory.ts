import { closeSync, constants, openSync, readSync } from "node:fs";
import { type ByteString, fromText, joinPath, systemCode, toFsPath } from "../../foundation/index.ts";

/** The name of the file that says so; from the Cache Directory Tagging Specification (bford.info/cachedir). */
export const CACHE_TAG: ByteString = fromText("CACHEDIR.TAG");

const SIGNATURE = Buffer.from("Signature: 8a477f597d28d172789f06886806bc55");

/** Whether a directory's tag is a valid one: a regular file that begins with the signature. */
export function isTaggedAsCache(directory: ByteString): boolean {
  const head = Buffer.alloc(SIGNATURE.length);
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const descriptor = openSync(toFsPath(joinPath(directory, CACHE_TAG)), flags);
    try {
      return readSync(descriptor, head, 0, head.length, 0) === head.length && head.equals(SIGNATURE);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false; // what cannot be read says nothing
  }
}
