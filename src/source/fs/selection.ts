import { realpathSync } from "node:fs";
import {
  type ByteString,
  baseName,
  fromLatin1,
  fromNativePath,
  fromText,
  nativePath,
  PlakarError,
  parentPath,
  systemCode,
  toDisplay,
} from "../../foundation/index.ts";
import { absolutePath, describeSystemError } from "../../system/index.ts";
import { sourceDenied, sourceMissing } from "./failures.ts";

/** Which part of the file system is walked. */
export interface Selection {
  /** The one directory given, else the nearest directory that holds everything given. */
  readonly root: ByteString;
  /** What was given, resolved and without what lies below another; in byte order. */
  readonly paths: readonly ByteString[];
  /**
   * Directories from the root down to the given paths, of which only some children are walked: their names, in byte
   * order. Every other directory is walked whole.
   */
  readonly partial: ReadonlyMap<ByteString, readonly ByteString[]>;
  /**
   * What was given below something else that was: nothing leaves it out. By directories on the way down to such paths the
   * names that lead there, in byte order.
   */
  readonly nested: ReadonlyMap<ByteString, readonly ByteString[]>;
  /** All that was given. */
  readonly given: ReadonlySet<ByteString>;
}

/** Resolves the given paths; links in them are followed here, and nowhere below. */
export function select(paths: readonly string[], isDirectory: (path: ByteString) => boolean): Selection {
  return selectionOf(paths.map(resolveGiven), isDirectory);
}

/** As `select`, of real paths. Above several drives and shares of Windows there is `/`, which only snapshots have. */
export function selectionOf(paths: readonly ByteString[], isDirectory: (path: ByteString) => boolean): Selection {
  const given = withoutNested(paths);
  const [first] = given;
  if (first === undefined) {
    throw new PlakarError("source-empty", "nothing to back up was named", { kind: "usage", advice: "Name a path." });
  }
  const root = given.length === 1 && isDirectory(first) ? first : commonDirectory(given);
  const outermost = new Set(given);
  const nested = paths.filter((path) => !outermost.has(path));
  return {
    root,
    paths: given.toSorted(),
    partial: waysTo(given, (path) => path === root),
    nested: waysTo(nested, (path) => outermost.has(path)),
    given: new Set(paths),
  };
}

/** By each directory above the paths, up to and with the ones that `isEnd` says, the names in it that lead to them. */
function waysTo(
  paths: readonly ByteString[],
  isEnd: (path: ByteString) => boolean,
): Map<ByteString, readonly ByteString[]> {
  const ways = new Map<ByteString, Set<ByteString>>();
  for (const path of paths) {
    for (let at = path; !isEnd(at); at = parentPath(at)) {
      const names = ways.get(parentPath(at)) ?? new Set();
      ways.set(parentPath(at), names.add(baseName(at)));
    }
  }
  return new Map([...ways].map(([path, names]) => [path, [...names].toSorted()]));
}

/** The real path of a given one. Throws `source-missing` or `source-denied`. */
function resolveGiven(path: string): ByteString {
  try {
    return realPath(path);
  } catch (error) {
    const code = systemCode(error);
    const shown = toDisplay(fromText(path));
    if (code === "ENOENT" || code === "ENOTDIR") throw sourceMissing(shown, error);
    throw sourceDenied(shown, describeSystemError(error), error);
  }
}

function realPath(path: string): ByteString {
  // Node's own realpath mangles targets that are not UTF-8: the native one answers bytes
  return fromNativePath(fromLatin1(realpathSync.native(nativePath(absolutePath(path)), "latin1")));
}

/** The real path where it exists, else the absolute one. */
function realPathOrAbsolute(path: string): ByteString {
  try {
    return realPath(path);
  } catch {
    return fromNativePath(fromText(absolutePath(path)));
  }
}

/** Whether `path` is `directory` or lies below it. */
function isWithin(path: ByteString, directory: ByteString): boolean {
  return path === directory || directory === "/" || path.startsWith(`${directory}/`);
}

/** Drops what lies below something else that is given, and what is given twice. */
function withoutNested(paths: readonly ByteString[]): ByteString[] {
  const given = new Set(paths);
  const isNested = (path: ByteString): boolean => directoriesAbove(path).some((directory) => given.has(directory));
  return [...given].filter((path) => !isNested(path));
}

function commonDirectory(paths: readonly ByteString[]): ByteString {
  let common = parentPath(paths[0] as ByteString);
  for (const path of paths) while (!isWithin(path, common)) common = parentPath(common);
  return common;
}

/** The directories above `path`, `/` first. */
export function directoriesAbove(path: ByteString): ByteString[] {
  const above: ByteString[] = [];
  for (let at = path; at !== "/"; ) {
    at = parentPath(at);
    above.unshift(at);
  }
  return above;
}

/** Names to skip, by the directory they are in. */
export function exclusions(paths: readonly string[]): Map<ByteString, Set<ByteString>> {
  const byDirectory = new Map<ByteString, Set<ByteString>>();
  for (const path of paths.map(realPathOrAbsolute)) {
    if (path === "/") continue;
    const names = byDirectory.get(parentPath(path)) ?? new Set();
    byDirectory.set(parentPath(path), names.add(baseName(path)));
  }
  return byDirectory;
}
