import { type ChunkRef, encodeObject, type Mac, ResourceType, V1_0_0 } from "../format/index.ts";

export interface ContentTarget {
  /** Stores plaintext under its MAC, which is answered. */
  readonly put: (type: ResourceType, plain: Uint8Array) => Mac;
  readonly mac: (plain: Uint8Array) => Mac;
  readonly chunkBytes: number;
}

/** Stores bytes as an object of chunks: for contents that the program makes itself, such as dirpacks. Answers its MAC. */
export function putContent(content: Uint8Array, contentType: string, { put, mac, chunkBytes }: ContentTarget): Mac {
  const chunks: ChunkRef[] = [];
  let at = 0;
  do {
    const part = content.subarray(at, at + chunkBytes);
    const own = put(ResourceType.chunk, part);
    chunks.push({ version: V1_0_0, mac: own, length: part.length, entropy: 0, flags: 0 });
    at += part.length;
  } while (at < content.length);
  const contentMac = chunks.length === 1 ? (chunks[0] as ChunkRef).mac : mac(content);
  const object = encodeObject({ version: V1_0_0, contentMac, chunks, contentType, entropy: 0, flags: 0 });
  return put(ResourceType.object, object);
}

/** The content of a directory's listing. */
export const LISTING_CONTENT_TYPE = "application/octet-stream";

/** How long chunks of such contents are at most, in a store that cuts chunks of at most this length. */
export function madeChunkBytes(maxChunkBytes: number): number {
  return Math.min(1 << 20, maxChunkBytes);
}
