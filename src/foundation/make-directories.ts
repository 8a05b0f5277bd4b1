import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { nativePath } from "./byte-string.ts";
import { systemCode } from "./errors.ts";

/**
 * Makes a directory and what is missing above it; one that is there already is no error. `path` is absolute, as text
 * with escaped bytes; `mode` is of every directory made. Not Node's own `recursive`: that never ends where a
 * directory that exists answers ENOENT to whoever makes something in it, as /proc does.
 *
 * @throws NodeJS.ErrnoException of the mkdir that failed: EEXIST when something else than a directory bears the name,
 *   ENOTDIR when it stands on the way.
 */
export function makeDirectories(path: string, mode?: number): void {
  try {
    makeOrFind(path, mode);
  } catch (error) {
    const parent = dirname(path);
    if (systemCode(error) !== "ENOENT" || parent === path) throw error;
    makeDirectories(parent, mode);
    makeOrFind(path, mode);
  }
}

function makeOrFind(path: string, mode: number | undefined): void {
  const native = nativePath(path);
  try {
    mkdirSync(native, { mode });
  } catch (error) {
    // not only EEXIST: a drive's root answers EPERM on Windows
    if (!statSync(native, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
