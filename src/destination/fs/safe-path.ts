import { type BigIntStats, chmodSync, lstatSync, mkdirSync, type Stats } from "node:fs";
import { type ByteString, joinPath, systemCode, toFsPath, toWindowsNames } from "../../foundation/index.ts";
import { blocked, collision, intoStore, outsideTarget } from "../failures.ts";
import { isSame, whatIsExactlyAt } from "./identities.ts";
import { isWithin } from "./real-path.ts";

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
  /** Directories that this run has made: nothing is in them but what it has put there. */
  readonly #fresh = new Set<ByteString>();

  /** What nothing is restored into: the store, by its path, and where it is a directory by what the system calls it. */
  readonly #protectedPaths: readonly ByteString[];
  readonly #protectedDirectories: readonly BigIntStats[];

  /** `target` and `protectedPaths` are absolute and real. */
  constructor(target: ByteString, protectedPaths: readonly ByteString[] = []) {
    this.#target = target;
    this.#protectedPaths = protectedPaths.filter((path) => isWithin(path, target));
    this.#protectedDirectories = protectedPaths.flatMap((path) => whatIsExactlyAt(path) ?? []);
  }

  /** The absolute path of an item whose directory is there; missing directories above it are made. */
  resolve(path: ByteString): ByteString {
    if (path === "") return this.#target;
    const slash = path.lastIndexOf("/");
    const parent = path.slice(0, Math.max(slash, 0)) as ByteString;
    requireSafeName(path.slice(slash + 1), path);
    if (slash === 0) throw outsideTarget(path, "its path is absolute");
    if (parent !== "") this.#requireDirectory(parent, path);
    return this.#absolute(path);
  }

  /**
   * The absolute path of an item, or undefined when a directory above it is missing; makes nothing. Throws as `resolve` does
   * where a link or something else stands in the way.
   */
  find(path: ByteString): ByteString | undefined {
    if (path === "") return this.#target;
    const slash = path.lastIndexOf("/");
    requireSafeName(path.slice(slash + 1), path);
    if (slash === 0) throw outsideTarget(path, "its path is absolute");
    const parent = path.slice(0, Math.max(slash, 0)) as ByteString;
    if (parent !== "" && !this.#isThere(parent, path)) return undefined;
    return this.#absolute(path);
  }

  /** Whether a directory was made in this run: then nothing of before is in it. */
  isFresh(directory: ByteString): boolean {
    return this.#fresh.has(directory);
  }

  /** As `resolve`, and makes the directory itself. */
  makeDirectory(path: ByteString): void {
    const absolute = this.resolve(path);
    const made = path !== "" && this.#makeOrAccept(absolute, path);
    if (!made && this.#isOfThisRun(path)) throw collision(path);
    if (made && this.#fresh.size < MAX_REMEMBERED) this.#fresh.add(path);
    this.#remember(path);
  }

  /** As `makeDirectory`, and makes nothing: throws where it would. */
  foreseeDirectory(path: ByteString): void {
    if (path !== "") this.#isThere(path, path);
  }

  /** Whether a directory that was found can only be one that this run has made, though under another name. */
  #isOfThisRun(path: ByteString): boolean {
    if (!this.#fresh.has(parentOf(path)) || this.#fresh.size >= MAX_REMEMBERED) return false;
    return !this.#fresh.has(path) && !this.#real.has(path);
  }

  #isThere(directory: ByteString, item: ByteString): boolean {
    if (this.#real.has(directory)) return true;
    for (const prefix of prefixesOf(directory)) {
      requireSafeName(prefix.slice(prefix.lastIndexOf("/") + 1), item);
      if (this.#real.has(prefix)) continue;
      const there = whatIsAt(this.#absolute(prefix));
      if (!there) return false;
      this.#requireSuitable(this.#absolute(prefix), there, item);
      this.#remember(prefix);
    }
    return true;
  }

  #requireDirectory(directory: ByteString, item: ByteString): void {
    if (this.#real.has(directory)) return;
    for (const prefix of prefixesOf(directory)) {
      requireSafeName(prefix.slice(prefix.lastIndexOf("/") + 1), item);
      if (this.#real.has(prefix)) continue;
      this.#requireOrMake(this.#absolute(prefix), item);
      this.#remember(prefix);
    }
  }

  /** Below the target, with names that this system can hold. */
  #absolute(path: ByteString): ByteString {
    const absolute = joinPath(this.#target, process.platform === "win32" ? toWindowsNames(path) : path);
    if (this.#protectedPaths.includes(absolute)) throw intoStore(path);
    return absolute;
  }

  /** A directory above an item: never anything else, made when its own record was lost. */
  #requireOrMake(absolute: ByteString, item: ByteString): void {
    const there = whatIsAt(absolute);
    if (!there) mkdirSync(toFsPath(absolute), PRIVATE_DIRECTORY);
    else this.#requireSuitable(absolute, there, item);
  }

  /** Makes a directory, or takes the one that is there, so that this process can write into it. */
  #makeOrAccept(absolute: ByteString, path: ByteString): boolean {
    try {
      mkdirSync(toFsPath(absolute), PRIVATE_DIRECTORY);
      return true;
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    const there = whatIsAt(absolute);
    if (there) this.#requireSuitable(absolute, there, path);
    if (there && (there.mode & PRIVATE_DIRECTORY) !== PRIVATE_DIRECTORY) {
      chmodSync(toFsPath(absolute), (there.mode & 0o7777) | PRIVATE_DIRECTORY);
    }
    return false;
  }

  /** What is there in a directory's place is one, and not the store's, under whatever name. */
  #requireSuitable(absolute: ByteString, there: Stats, item: ByteString): void {
    requireDirectory(there, item);
    if (this.#protectedDirectories.length === 0) return;
    const exactly = whatIsExactlyAt(absolute);
    if (exactly && this.#protectedDirectories.some((each) => isSame(each, exactly))) throw intoStore(item);
  }

  #remember(directory: ByteString): void {
    if (this.#real.size >= MAX_REMEMBERED) this.#real.clear();
    this.#real.add(directory);
  }
}

/** `a/b` -> `a`; `a` -> ``: the target. */
export function parentOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0)) as ByteString;
}

/** `a`, `a/b`, `a/b/c`. */
function* prefixesOf(directory: ByteString): Generator<ByteString> {
  for (let end = 0; end < directory.length; ) {
    const slash = directory.indexOf("/", end === 0 ? 0 : end + 1);
    end = slash < 0 ? directory.length : slash;
    yield directory.slice(0, end) as ByteString;
  }
}

/** One step of a path: never empty, `.`, `..`, and no path itself. Throws `restore-outside-target`. */
export function requireSafeName(name: string, path: ByteString): void {
  if (name === "" || name === "." || name === "..") throw outsideTarget(path, `its path has a part "${name}"`);
  if (name.includes("/") || name.includes("\0")) throw outsideTarget(path, "its name has a forbidden character");
}

/** What has a path's place, of the link itself; undefined when nothing. */
export function whatIsAt(absolute: ByteString): Stats | undefined {
  return lstatSync(toFsPath(absolute), { throwIfNoEntry: false });
}

function requireDirectory(there: Stats, item: ByteString): void {
  if (there.isSymbolicLink()) throw outsideTarget(item, "a symbolic link takes the place of a directory of its path");
  if (!there.isDirectory()) throw blocked(item, "something else takes the place of a directory of its path");
}
