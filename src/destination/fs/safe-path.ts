import { chmodSync, lstatSync, mkdirSync, type Stats } from "node:fs";
import { type ByteString, joinPath, systemCode, toFsPath } from "../../foundation/index.ts";
import { blocked, outsideTarget } from "../failures.ts";

/** Only their owner enters directories, and reads files, that are not complete. */
export const PRIVATE_DIRECTORY = 0o700;

/** Directories remembered as real; beyond that all are forgotten, which costs looking again. */
const MAX_REMEMBERED = 50_000;

/**
 * Turns item paths into absolute ones below the target, and proves on the way that every directory above an item is a
 * directory: a symbolic link there, whether it was there before or comes from the snapshot, is never followed.
 * Directories are never removed by a restore, so that one that was seen stays good.
 */
export class SafePaths {
  readonly #target: ByteString;
  readonly #real = new Set<ByteString>();

  /** `target` is absolute and real. */
  constructor(target: ByteString) {
    this.#target = target;
  }

  /** The absolute path of an item whose directory is there; missing directories above it are made. */
  resolve(path: ByteString): ByteString {
    if (path === "") return this.#target;
    const slash = path.lastIndexOf("/");
    const parent = path.slice(0, Math.max(slash, 0)) as ByteString;
    checkName(path.slice(slash + 1), path);
    if (slash === 0) throw outsideTarget(path, "its path is absolute");
    if (parent !== "") this.#requireDirectory(parent, path);
    return joinPath(this.#target, path);
  }

  /** As `resolve`, and makes the directory itself; true when it was not there. */
  makeDirectory(path: ByteString): boolean {
    const absolute = this.resolve(path);
    const made = path !== "" && makeOrAccept(absolute, path);
    this.#remember(path);
    return made;
  }

  #requireDirectory(directory: ByteString, item: ByteString): void {
    if (this.#real.has(directory)) return;
    for (let end = 0; end < directory.length; ) {
      const start = end === 0 ? 0 : end + 1;
      const slash = directory.indexOf("/", start);
      end = slash < 0 ? directory.length : slash;
      checkName(directory.slice(start, end), item);
      const prefix = directory.slice(0, end) as ByteString;
      if (this.#real.has(prefix)) continue;
      requireOrMake(joinPath(this.#target, prefix), item);
      this.#remember(prefix);
    }
  }

  #remember(directory: ByteString): void {
    if (this.#real.size >= MAX_REMEMBERED) this.#real.clear();
    this.#real.add(directory);
  }
}

function checkName(name: string, path: ByteString): void {
  if (name === "" || name === "." || name === "..") throw outsideTarget(path, `its path has a part "${name}"`);
  if (name.includes("/") || name.includes("\0")) throw outsideTarget(path, "its name has a forbidden character");
}

/** What has a path's place, of the link itself; undefined when nothing. */
export function whatIsAt(absolute: ByteString): Stats | undefined {
  return lstatSync(toFsPath(absolute), { throwIfNoEntry: false });
}

/** A directory above an item: never anything else, made when its own record was lost. */
function requireOrMake(absolute: ByteString, item: ByteString): void {
  const there = whatIsAt(absolute);
  if (!there) mkdirSync(toFsPath(absolute), PRIVATE_DIRECTORY);
  else requireDirectory(there, item);
}

function requireDirectory(there: Stats, item: ByteString): void {
  if (there.isSymbolicLink()) throw outsideTarget(item, "a symbolic link takes the place of a directory of its path");
  if (!there.isDirectory()) throw blocked(item, "something else takes the place of a directory of its path");
}

/** Makes a directory, or takes the one that is there, so that this process can write into it. */
function makeOrAccept(absolute: ByteString, path: ByteString): boolean {
  try {
    mkdirSync(toFsPath(absolute), PRIVATE_DIRECTORY);
    return true;
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
  const there = whatIsAt(absolute);
  if (there) requireDirectory(there, path);
  if (there && (there.mode & PRIVATE_DIRECTORY) !== PRIVATE_DIRECTORY) {
    chmodSync(toFsPath(absolute), (there.mode & 0o7777) | PRIVATE_DIRECTORY);
  }
  return false;
}
