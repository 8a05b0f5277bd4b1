import { join } from "node:path";
import type { FileSystem } from "../file-system.ts";
import { readExactly } from "../read-exactly.ts";

/**
 * Copies a directory tree from one disk to another and syncs it there: a simulated one that lost its power to the real
 * one, where other programs can look at it, or the other way. `to` must not exist.
 */
export async function copyTree(source: FileSystem, from: string, target: FileSystem, to: string): Promise<void> {
  await target.mkdir(to);
  for (const { name, isDirectory } of await source.list(from)) {
    if (isDirectory) await copyTree(source, join(from, name), target, join(to, name));
    else await copyFile(source, join(from, name), target, join(to, name));
  }
  await target.syncDirectory(to);
}

async function copyFile(source: FileSystem, from: string, target: FileSystem, to: string): Promise<void> {
  const file = await source.open(from);
  const range = { offset: 0, length: await file.sizeBytes() };
  const bytes = await readExactly(file, range, () => new Error(`${from} changed while it was copied`));
  await file.close();
  const copy = await target.create(to);
  for (let done = 0; done < bytes.length; ) done += await copy.write(bytes.subarray(done));
  await copy.sync();
  await copy.close();
}
