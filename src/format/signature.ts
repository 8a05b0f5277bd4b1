import { corrupted } from "../foundation/index.ts";

/** The content of a signature blob: Ed25519 over the repository's MAC of the header (format-gaps section 5). */
const SIGNATURE_BYTES = 64;

/** Fails with `signature-damaged` (kind corrupted) on another length. */
export function decodeSignature(blob: Uint8Array): Uint8Array {
  if (blob.length !== SIGNATURE_BYTES)
    throw corrupted("signature-damaged", `a signature has ${blob.length} bytes instead of ${SIGNATURE_BYTES}`);
  return blob;
}
