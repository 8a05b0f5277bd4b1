import { dirname } from "node:path";
import { systemCode } from "../../foundation/index.ts";
import { exists, type FileSystem, type WritableFile } from "../file-system.ts";

export interface DurableWrite {
  readonly temporary: string;
  readonly final: string;
  readonly bytes: Uint8Array;
  /** EEXIST instead of a replacement when something bears the final name. */
  readonly exclusive?: boolean;
  /** Called when the temporary file is there and empty. */
  readonly onCreated?: () => Promise<void>;
}

/**
 * The write that I-01 rests on: everything into a temporary file, fsync, rename, fsync of the directory. When it resolves
 * the file survives a power cut; when it fails the old file or the new one is there whole, and the temporary file is gone.
 */
export async function writeDurably(fileSystem: FileSystem, write: DurableWrite): Promise<void> {
  const { temporary, final } = write;
  const file = await fileSystem.create(temporary);
  try {
    await fill(file, write);
    if (write.exclusive) await publish(fileSystem, temporary, final);
    else await fileSystem.rename(temporary, final);
  } catch (error) {
    await discard(fileSystem, temporary);
    throw error;
  }
  await fileSystem.syncDirectory(dirname(final));
}

async function fill(file: WritableFile, { bytes, onCreated }: DurableWrite): Promise<void> {
  try {
    await onCreated?.();
    let done = 0;
    while (done < bytes.length) {
      const count = await file.write(bytes.subarray(done));
      if (count === 0) throw Object.assign(new Error("nothing was written"), { code: "EIO" });
      done += count;
    }
    // never tried again on this file: what failed once may be answered as done, and be lost
    await file.sync();
  } catch (error) {
    // already failing: that the file cannot be closed either says nothing more
    await file.close().catch(() => undefined);
    throw error;
  }
  await file.close();
}

const withoutLinks: readonly (string | undefined)[] = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Gives a file its final name without replacing another: of two programs that do so at once, one fails. */
async function publish(fileSystem: FileSystem, temporary: string, final: string): Promise<void> {
  try {
    await fileSystem.link(temporary, final);
  } catch (error) {
    if (!withoutLinks.includes(systemCode(error))) throw error;
    if (await exists(fileSystem, final)) throw Object.assign(new Error(`${final} exists`), { code: "EEXIST" });
    await fileSystem.rename(temporary, final);
    return;
  }
  await discard(fileSystem, temporary);
}

async function discard(fileSystem: FileSystem, temporary: string): Promise<void> {
  // where it cannot be removed, readers ignore its name, and a later write removes it
  await fileSystem.unlink(temporary).catch(() => undefined);
}
