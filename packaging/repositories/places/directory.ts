import { access, chmod, constants, mkdir, open, readFile, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { NewFile } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { messageOf, RepositoryError } from "../repository-error.ts";
import type { Changes, Place } from "./place.ts";

/** What is left free beside what is to be written. */
const reserveBytes = 16 * 1024 * 1024;

/** A directory that a web server serves. Each file appears whole or not at all. */
export function directoryPlace(root: string): Place {
  /** The digests of what was read, or found missing, by path. */
  const seen = new Map<string, string | undefined>();
  const read = async (path: string): Promise<Uint8Array | undefined> => {
    const content = await unlessMissing(readFile(join(root, path)));
    seen.set(path, content && digestOf(content, "sha256"));
    return content;
  };
  const requireUnchanged = async (path: string): Promise<void> => {
    if (!seen.has(path)) return;
    const expected = seen.get(path);
    await read(path);
    if (seen.get(path) !== expected) throw changedMeanwhile(root, path);
  };
  return {
    name: root,
    read,
    sizeOf: async (path) => (await unlessMissing(stat(join(root, path))))?.size,
    rehearse: ({ immutable, roots }) => requireSpace(root, [...immutable, ...roots]),
    apply: async ({ immutable, roots, deletions }: Changes) => {
      await requireSpace(root, [...immutable, ...roots]);
      for (const file of immutable) await write(root, file);
      for (const { path } of roots) await requireUnchanged(path);
      for (const file of roots) await write(root, file);
      for (const path of deletions) await remove(join(root, path));
    },
  };
}

function changedMeanwhile(root: string, path: string): RepositoryError {
  return new RepositoryError(
    "busy",
    `${join(root, path)} has changed since it was read`,
    "somebody else publishes there; wait for them, then publish again",
  );
}

async function requireSpace(root: string, files: readonly NewFile[]): Promise<void> {
  const parent = await nearestFolder(root);
  await access(parent, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
    throw cannotWrite(parent, cause);
  });
  const { bavail, bsize } = await statfs(parent);
  const needed = files.reduce((sum, { content }) => sum + content.length, reserveBytes);
  if (needed <= bavail * bsize) return;
  throw new RepositoryError(
    "full",
    `${root} has ${megabytes(bavail * bsize)} free, ${megabytes(needed)} are needed`,
    "make room there",
  );
}

/** The folder itself, or the one in which it can be made. */
async function nearestFolder(path: string): Promise<string> {
  const found = await unlessMissing(stat(path));
  if (found === undefined) return nearestFolder(dirname(path));
  if (found.isDirectory()) return path;
  throw new RepositoryError("unavailable", `${path} is no folder`, "publish to a folder, or to one that can be made");
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

/** To a temporary name beside it, on the disk, and then renamed. */
async function write(root: string, { path, content }: NewFile): Promise<void> {
  const target = join(root, path);
  const temporary = join(dirname(target), `.new-${process.pid}`);
  try {
    await makeFolder(dirname(target));
    const file = await open(temporary, "w", 0o644);
    try {
      await file.chmod(0o644); // whatever the umask: a web server has to read it
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cannotWrite(target, cause);
  }
}

async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) await chmod(made, 0o755);
}

async function remove(target: string): Promise<void> {
  await rm(target, { force: true }).catch((cause: unknown) => {
    throw cannotWrite(target, cause);
  });
}

function cannotWrite(target: string, cause: unknown): RepositoryError {
  const isFull = cause instanceof Error && "code" in cause && (cause.code === "ENOSPC" || cause.code === "EDQUOT");
  return isFull
    ? new RepositoryError("full", `no room for ${target}`, "make room there, then publish again", cause)
    : new RepositoryError("unavailable", messageOf(cause), "make it writable, then publish again", cause);
}

async function unlessMissing<Result>(result: Promise<Result>): Promise<Result | undefined> {
  try {
    return await result;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return undefined;
    throw new RepositoryError("unavailable", messageOf(cause), "make it readable", cause);
  }
}
