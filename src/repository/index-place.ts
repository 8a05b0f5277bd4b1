import type { BuiltBase } from "./blob-base-writer.ts";
import type { BlobIndex } from "./blob-index.ts";
import { ScratchFile } from "./scratch-file.ts";

/** Where an index puts what is too much for its table. */
export interface IndexPlace {
  /** For files; undefined: all is held in memory. */
  readonly directory: string | undefined;
  /** For the MACs of what is in the files. */
  readonly key: Uint8Array;
}

/** A table of so many is loaded in some milliseconds. */
const MAX_TABLE = 131_072;
const LEAST_TABLE = 32_768;
/** Of a base, so that not every backup makes it anew. */
const SHARE_OF_BASE = 1 / 64;
/** Without files a table is quicker than a base, and can be kept by an agent. */
const MAX_TABLE_IN_MEMORY = 700_000;

/** Keeps the table small while states are merged. */
export function spillIfLarge(blobs: BlobIndex, { directory }: IndexPlace): void {
  if (isMore(blobs.table.count, MAX_TABLE * 2, directory)) blobs.spill(directory);
}

/** Makes a new base when there is too much beside it. */
export function compactIfLarge(blobs: BlobIndex, { directory, key }: IndexPlace): BuiltBase | undefined {
  const shareOfBase = Math.max(LEAST_TABLE, blobs.base ? blobs.base.count * SHARE_OF_BASE : MAX_TABLE);
  const isLarge = isMore(blobs.table.count, Math.min(MAX_TABLE, shareOfBase), directory);
  return blobs.hasSpilled || isLarge ? blobs.compact(directory, key) : undefined;
}

/** Whether files can be made is looked at only when there is something to put into them. */
function isMore(count: number, limit: number, directory: string | undefined): boolean {
  if (count <= limit) return false;
  if (count > MAX_TABLE_IN_MEMORY) return true;
  const file = ScratchFile.make(directory);
  file?.close();
  return file !== undefined;
}
