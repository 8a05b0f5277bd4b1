import { dirname, join } from "node:path";
import { type Random, systemCode } from "../../foundation/index.ts";
import { storeNotEmpty } from "../failures.ts";
import { type DirectoryEntry, type FileSystem, makeDirectory } from "../file-system.ts";
import { writeDurably } from "./durable-write.ts";
import { bucketsOf, CONFIG_NAME, isBucket, isTemporary, kinds, temporaryName } from "./layout.ts";

/**
 * Makes a store in a directory that is missing, empty, or was left so by a creation that was interrupted: nothing but the
 * empty directories of a store, without CONFIG. Everything is durable before CONFIG, which makes it a store, appears.
 */
export async function createFsStore(
  fileSystem: FileSystem,
  random: Random,
  root: string,
  configuration: Uint8Array,
): Promise<void> {
  await expectEmptyDirectory(fileSystem, root);
  await makeDurableDirectory(fileSystem, root);
  for (const kind of kinds) {
    await makeDirectory(fileSystem, join(root, kind));
    for (const bucket of bucketsOf(kind)) await makeDirectory(fileSystem, join(root, kind, bucket));
    await fileSystem.syncDirectory(join(root, kind));
  }
  await fileSystem.syncDirectory(root);
  const temporary = join(root, temporaryName(random));
  const final = join(root, CONFIG_NAME);
  try {
    await writeDurably(fileSystem, { temporary, final, bytes: configuration, exclusive: true });
  } catch (error) {
    // somebody else was faster
    throw systemCode(error) === "EEXIST" ? storeNotEmpty(root, error) : error;
  }
}

/** Fails with `store-not-empty` unless the directory is missing, empty, or the remains of a creation. */
export async function expectEmptyDirectory(fileSystem: FileSystem, root: string): Promise<void> {
  const entries = await entriesOrNone(fileSystem, root);
  if (!(await isUnfinished(fileSystem, root, entries))) throw storeNotEmpty(root);
}

async function entriesOrNone(fileSystem: FileSystem, root: string): Promise<DirectoryEntry[]> {
  try {
    return await fileSystem.list(root);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOTDIR") throw storeNotEmpty(root, error);
    if (code === "ENOENT") return [];
    throw error;
  }
}

async function isUnfinished(
  fileSystem: FileSystem,
  root: string,
  entries: readonly DirectoryEntry[],
): Promise<boolean> {
  for (const { name, isDirectory } of entries) {
    if (isTemporary(name) && !isDirectory) continue;
    const kind = kinds.find((known) => known === name);
    if (!kind || !isDirectory) return false;
    for (const bucket of await fileSystem.list(join(root, kind))) {
      if (kind === "locks" || !bucket.isDirectory || !isBucket(bucket.name)) return false;
      if ((await fileSystem.list(join(root, kind, bucket.name))).length > 0) return false;
    }
  }
  return true;
}

/** Makes a directory with all above it; each survives a power cut, also where a program was stopped between the two. */
async function makeDurableDirectory(fileSystem: FileSystem, directory: string): Promise<void> {
  const parent = dirname(directory);
  if (parent === directory) return;
  try {
    await makeDirectory(fileSystem, directory);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    await makeDurableDirectory(fileSystem, parent);
    await makeDirectory(fileSystem, directory);
  }
  await syncForeignDirectory(fileSystem, parent);
}

/** Directories outside the store may let us through and make something in them without letting us open them. */
async function syncForeignDirectory(fileSystem: FileSystem, directory: string): Promise<void> {
  try {
    await fileSystem.syncDirectory(directory);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EACCES" && code !== "EPERM") throw error;
  }
}
