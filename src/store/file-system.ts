import { statSync } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { mapBounded, nativePath, systemClock, systemCode } from "../foundation/index.ts";

export interface ReadableFile {
  sizeBytes(): Promise<number>;
  /** Reads at `position`; answers how many bytes, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

export interface WritableFile {
  /** Appends; answers how many of the bytes, which may be fewer. */
  write(bytes: Uint8Array): Promise<number>;
  /** Resolves when the content is on the medium. The name is another matter: see `syncDirectory`. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

export interface FileStatus {
  readonly isDirectory: boolean;
  readonly modifiedMs: number;
}

/**
 * Every step by which the stores of this folder read or change a directory tree, one function each, so that tests can fail
 * or stop the program at any of them. Errors are the system's own.
 */
export interface FileSystem {
  /** Makes a file (0600) for writing; EEXIST when the name is taken. */
  create(path: string): Promise<WritableFile>;
  open(path: string): Promise<ReadableFile>;
  /** Makes a directory (0700). */
  mkdir(path: string): Promise<void>;
  /** Replaces what is at `to`. */
  rename(from: string, to: string): Promise<void>;
  /** A second name; EEXIST when it is taken. Not every file system has them. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Resolves when the names in the directory are on the medium. */
  syncDirectory(path: string): Promise<void>;
  list(path: string): Promise<DirectoryEntry[]>;
  stat(path: string): Promise<FileStatus>;
  /** Sizes of many files; undefined for those that are gone. */
  sizes(paths: readonly string[]): Promise<(number | undefined)[]>;
}

export async function exists(fileSystem: FileSystem, path: string): Promise<boolean> {
  try {
    await fileSystem.stat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** Makes a directory that may be there already. */
export async function makeDirectory(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.mkdir(path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** fsync flushes the drive's own cache too, on macOS as well: libuv asks for F_FULLFSYNC there. */
export const systemFileSystem: FileSystem = {
  create: async (path) => writable(await open(nativePath(path), "wx", FILE_MODE)),
  open: async (path) => readable(await open(nativePath(path), "r")),
  mkdir: async (path) => {
    await mkdir(nativePath(path), { mode: DIRECTORY_MODE });
  },
  rename: (from, to) => rename(nativePath(from), nativePath(to)),
  link: (from, to) => link(nativePath(from), nativePath(to)),
  unlink: (path) => unlink(nativePath(path)),
  syncDirectory,
  list: async (path) =>
    (await readdir(nativePath(path), { withFileTypes: true })).map((entry) => ({
      name: entry.name,
      isDirectory: entry.isDirectory(),
    })),
  stat: async (path) => {
    const found = await stat(nativePath(path));
    return { isDirectory: found.isDirectory(), modifiedMs: found.mtimeMs };
  },
  sizes,
};

function readable(file: FileHandle): ReadableFile {
  return {
    sizeBytes: async () => (await file.stat()).size,
    read: async (into, position) => (await file.read(into, 0, into.length, position)).bytesRead,
    close: () => file.close(),
  };
}

function writable(file: FileHandle): WritableFile {
  return {
    write: async (bytes) => (await file.write(bytes)).bytesWritten,
    sync: () => syncWhereSupported(file),
    close: () => file.close(),
  };
}

/** Windows has no such call: NTFS logs its names. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(nativePath(path), "r");
  try {
    await syncWhereSupported(directory);
  } finally {
    await directory.close();
  }
}

const unsupported: readonly (string | undefined)[] = ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/** Some network and FUSE file systems have no fsync, of directories above all; what they do instead is theirs. */
async function syncWhereSupported(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    if (!unsupported.includes(systemCode(error))) throw error;
  }
}

/** Slower answers than this, in ms, come over a network, where many questions at once pay. */
const NEARBY_MS = 1;
const LANES = 16;
/** How many looks may block all else, at most LOOKS * NEARBY_MS. */
const LOOKS = 32;

/**
 * A look from the thread pool costs five times what a direct one does, but a direct one blocks all else. So of every few
 * files the first is asked for in the pool, and where the answer comes at once the others are looked at directly.
 */
async function sizes(paths: readonly string[]): Promise<(number | undefined)[]> {
  const found: (number | undefined)[] = [];
  for (let at = 0; at < paths.length; at += LOOKS) {
    const [first, ...others] = paths.slice(at, at + LOOKS);
    const start = systemClock.monotonicMs();
    found.push(await sizeOf(first as string));
    const nearby = systemClock.monotonicMs() - start < NEARBY_MS;
    found.push(...(nearby ? others.map(sizeOfDirectly) : await mapBounded(others, LANES, sizeOf)));
  }
  return found;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(nativePath(path))).size;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function sizeOfDirectly(path: string): number | undefined {
  return statSync(nativePath(path), { throwIfNoEntry: false })?.size;
}
