import { lstatSync, type Stats } from "node:fs";
import { type ByteString, baseName, joinPath, parentPath, toFsPath } from "../../foundation/index.ts";

/**
 * Whether the file system below an existing, absolute path takes `a` and `A` for the same name: tried on the names that
 * are there, without writing anything. Names without letters tell nothing; then it is taken to keep them apart.
 */
export function foldsCase(absolute: ByteString): boolean {
  const there = lstatSync(toFsPath(absolute));
  for (let at = absolute; at !== "/"; at = parentPath(at)) {
    const self = lstatSync(toFsPath(at));
    if (self.dev !== there.dev) return false;
    const swapped = swapCase(baseName(at));
    if (swapped === baseName(at)) continue;
    const twin = lstatSync(toFsPath(joinPath(parentPath(at), swapped)), { throwIfNoEntry: false });
    return twin !== undefined && isSame(twin, self);
  }
  return false;
}

export function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

function swapCase(name: ByteString): ByteString {
  const swapped = name.replace(/[a-zA-Z]/g, (letter) => {
    const lower = letter.toLowerCase();
    return letter === lower ? letter.toUpperCase() : lower;
  });
  return swapped as ByteString;
}
