import { readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";

export const goldenFolder: string = join(import.meta.dirname, "..", "golden");
export const goldenPassphrase = "correct horse battery staple 42";
const BLOCK_BYTES = 512;

/** The files of a directory store in test/golden by their paths within it: ustar, regular files only. */
export function archivedFiles(name: string): Map<string, Buffer> {
  const archive = zstdDecompressSync(readFileSync(join(goldenFolder, `${name}.tar.zst`)));
  const files = new Map<string, Buffer>();
  for (let at = 0; archive[at]; ) {
    const text = (start: number, end: number): string =>
      archive.toString("latin1", at + start, at + end).split("\0", 1)[0] as string;
    const size = Number.parseInt(text(124, 136), 8);
    const start = at + BLOCK_BYTES;
    if (text(156, 157) === "0") files.set(text(0, 100).slice(name.length + 1), archive.subarray(start, start + size));
    at = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}
