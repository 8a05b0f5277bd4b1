import { corrupted, equalBytes } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";

/** Opens one chunk and compares length and MAC (I-03). What it answers is good until the next is opened. */
export function openChunk(
  sealer: Sealer,
  sealed: Uint8Array,
  expected: { readonly mac: Uint8Array; readonly contentBytes: number },
): Uint8Array {
  const content = sealer.peek(sealed, expected.contentBytes, () => "chunk");
  if (content.length !== expected.contentBytes || !equalBytes(sealer.mac(content), expected.mac)) {
    throw corrupted("mac-mismatch", "a chunk is not what was stored");
  }
  return content;
}
