import { inflateRawSync } from "node:zlib";

export interface GzipMember {
  /** The member as it stands in the file, which is what apk signs. */
  readonly compressed: Uint8Array;
  readonly content: Uint8Array;
}

/** What Node answers with `info`, which its types leave out. */
interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

const longestBytes = 256 * 1024 * 1024;
const trailerLength = 8;

/**
 * The first member of a file made of several gzip members (RFC 1952). `gunzip` reads through them as if they were one;
 * apk gives each a meaning of its own.
 */
export function firstGzipMember(file: Uint8Array): GzipMember {
  const start = headerLength(file);
  const options = { info: true, maxOutputLength: longestBytes };
  const { buffer, engine } = inflateRawSync(file.subarray(start), options) as unknown as Inflated;
  const end = start + engine.bytesWritten + trailerLength;
  if (end > file.length) throw new Error("the gzip member is cut short");
  return { compressed: file.subarray(0, end), content: buffer };
}

function headerLength(file: Uint8Array): number {
  const [id1, id2, method, flags = 0] = file;
  if (id1 !== 0x1f || id2 !== 0x8b || method !== 8) throw new Error("not gzip");
  let offset = 10;
  if (flags & 4) offset += 2 + ((file[offset] ?? 0) | ((file[offset + 1] ?? 0) << 8)); // extra field
  if (flags & 8) offset = endOfString(file, offset); // name
  if (flags & 16) offset = endOfString(file, offset); // comment
  return flags & 2 ? offset + 2 : offset; // header checksum
}

function endOfString(file: Uint8Array, offset: number): number {
  const end = file.indexOf(0, offset);
  if (end < 0) throw new Error("the gzip header is cut short");
  return end + 1;
}
