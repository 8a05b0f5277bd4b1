import { spawnSync } from "node:child_process";
import { gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";

/** No index and no control archive of ours comes near it; a small file that unpacks to more is an attack. */
const longestBytes = 256 * 1024 * 1024;

/** gzip whose bytes depend on the content only (RFC 1952: no time, no name, operating system unknown). */
export function gzip(content: Uint8Array): Uint8Array {
  const compressed = gzipSync(content, { level: 9 });
  compressed[9] = 255;
  return compressed;
}

/** What a file holds, judged by the end of its name: .gz, .zst, .xz (by the program `xz`), else the bytes themselves. */
export function decompress(name: string, content: Uint8Array): Uint8Array {
  const limit = { maxOutputLength: longestBytes };
  if (name.endsWith(".gz")) return gunzipSync(content, limit);
  if (name.endsWith(".zst")) return zstdDecompressSync(content, limit);
  return name.endsWith(".xz") ? decompressXz(content) : content;
}

function decompressXz(content: Uint8Array): Uint8Array {
  const { status, stdout, error } = spawnSync("xz", ["--decompress", "--stdout"], {
    input: content,
    maxBuffer: longestBytes,
    stdio: ["pipe", "pipe", "ignore"],
  });
  if (status === 0) return stdout;
  throw error === undefined ? new Error("damaged xz") : new Error("xz is needed to read it", { cause: error });
}
