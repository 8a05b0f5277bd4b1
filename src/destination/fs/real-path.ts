import { realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import {
  type ByteString,
  fromLatin1,
  fromNativePath,
  fromText,
  joinPath,
  nativePath,
  systemCode,
} from "../../foundation/index.ts";

/** An absolute path without links, though its last parts may not be there yet. `path` is text with escaped bytes. */
export function realPathOf(path: string): ByteString {
  try {
    return fromNativePath(fromLatin1(realpathSync.native(nativePath(path), "latin1")));
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    return joinPath(realPathOf(dirname(path)), fromText(basename(path)));
  }
}

/** Whether a path is a directory or lies in it. */
export function isWithin(path: ByteString, directory: ByteString): boolean {
  return path === directory || directory === "/" || path.startsWith(`${directory}/`);
}
