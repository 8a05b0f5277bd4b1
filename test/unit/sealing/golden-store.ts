import { readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";

const folder = join(import.meta.dirname, "..", "..", "golden");
const blockBytes = 512;

/** The files of a store that the Go implementation wrote, by their paths within it. */
export function goldenStore(name: string): Map<string, Uint8Array> {
  const archive = zstdDecompressSync(readFileSync(join(folder, `${name}.tar.zst`)));
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + blockBytes <= archive.length && archive[at] !== 0; ) {
    const field = (start: number, length: number): string =>
      archive.toString("latin1", at + start, at + start + length).replace(/\0.*/s, "");
    const size = Number.parseInt(field(124, 12), 8);
    const start = at + blockBytes;
    if (field(156, 1) === "0")
      files.set(field(0, 100).slice(name.length + 1), new Uint8Array(archive.subarray(start, start + size)));
    at = start + Math.ceil(size / blockBytes) * blockBytes;
  }
  return files;
}

export const passphrase: Uint8Array = Buffer.from("correct horse battery staple 42");
