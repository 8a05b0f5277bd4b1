import { createCipheriv, createDecipheriv } from "node:crypto";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { concatBytes } from "../../../src/foundation/index.ts";
import { readLz4Frame } from "../../support/references/index.ts";
import type { Compressing, Wrapping } from "./sealers.ts";

/** Sealing a second time, by node:crypto alone and as the format's description has it: what the kernels are held against. */

const wrapIv = Buffer.alloc(8, 0xa6);
const sliceBytes = 65536;

export function sealSlice(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm-siv" as "aes-256-gcm", key, nonce, { authTagLength: 16 });
  return concatBytes([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

export function openSlice(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv("aes-256-gcm-siv" as "aes-256-gcm", key, sealed.subarray(0, 12), {
    authTagLength: 16,
  });
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  return concatBytes([decipher.update(sealed.subarray(12, sealed.length - 16)), decipher.final()]);
}

export function unwrapKey(
  secret: Uint8Array,
  wrapping: Wrapping,
  sealed: Uint8Array,
): { key: Uint8Array; bytes: number } {
  if (wrapping === "AES256-KW") {
    const decipher = createDecipheriv("id-aes256-wrap", secret, wrapIv);
    return { key: concatBytes([decipher.update(sealed.subarray(0, 40)), decipher.final()]), bytes: 40 };
  }
  const decipher = createDecipheriv("aes-256-gcm", secret, sealed.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(sealed.subarray(44, 60));
  return { key: concatBytes([decipher.update(sealed.subarray(12, 44)), decipher.final()]), bytes: 60 };
}

export function openBlob(
  sealed: Uint8Array,
  secret: Uint8Array,
  compression: Compressing,
  wrapping: Wrapping,
): Uint8Array {
  const packed = wrapping ? decrypt(sealed, secret, wrapping) : sealed;
  if (compression === "LZ4") return readLz4Frame(packed);
  if (compression === "GZIP") return new Uint8Array(gunzipSync(packed));
  if (compression === "ZSTD") return new Uint8Array(zstdDecompressSync(packed));
  return packed;
}

function decrypt(sealed: Uint8Array, secret: Uint8Array, wrapping: Wrapping): Uint8Array {
  const { key, bytes } = unwrapKey(secret, wrapping, sealed);
  const slices: Uint8Array[] = [];
  for (let at = bytes; at < sealed.length; at += sliceBytes + 28) {
    slices.push(openSlice(key, sealed.subarray(at, at + sliceBytes + 28)));
  }
  return concatBytes(slices);
}

/** An encrypted, uncompressed blob under a given subkey. */
export function sealBlob(
  plain: Uint8Array,
  secret: Uint8Array,
  subkey: Uint8Array,
  nonces: (slice: number) => Uint8Array,
): Uint8Array {
  const cipher = createCipheriv("id-aes256-wrap", secret, wrapIv);
  const parts: Uint8Array[] = [cipher.update(subkey), cipher.final()];
  for (let at = 0; at < plain.length; at += sliceBytes) {
    parts.push(sealSlice(subkey, nonces(at / sliceBytes), plain.subarray(at, at + sliceBytes)));
  }
  return concatBytes(parts);
}
