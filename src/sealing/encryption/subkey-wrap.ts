import { createCipheriv, createDecipheriv, type KeyObject } from "node:crypto";
import type { Random } from "../../foundation/index.ts";
import { algorithmUnknown } from "../failures.ts";

/** How the random key of a blob is itself encrypted, under the store's secret. CONFIG says which. */
export type WrapAlgorithm = "AES256-KW" | "AES256-GCM";

export interface SubkeyWrap {
  /** Length of a wrapped key. */
  readonly bytes: number;
  wrap(secret: KeyObject, subkey: Uint8Array, random: Random): Uint8Array<ArrayBuffer>;
  /** The subkey; throws whatever node:crypto throws where it was not wrapped under this secret. */
  unwrap(secret: KeyObject, wrapped: Uint8Array): Uint8Array<ArrayBuffer>;
}

const SUBKEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** RFC 3394, section 2.2.3.1. */
const KW_INITIAL_VALUE = new Uint8Array(8).fill(0xa6);

/** AES key wrap, RFC 3394: deterministic, with 64 bits of integrity of its own. */
const keyWrap: SubkeyWrap = {
  bytes: SUBKEY_BYTES + 8,
  wrap(secret, subkey) {
    const cipher = createCipheriv("id-aes256-wrap", secret, KW_INITIAL_VALUE);
    return joined(cipher.update(subkey), cipher.final());
  },
  unwrap(secret, wrapped) {
    const decipher = createDecipheriv("id-aes256-wrap", secret, KW_INITIAL_VALUE);
    return joined(decipher.update(wrapped), decipher.final());
  },
};

/** AES-GCM: nonce (12) || ciphertext || tag (16), without additional data. */
const galoisCounter: SubkeyWrap = {
  bytes: NONCE_BYTES + SUBKEY_BYTES + TAG_BYTES,
  wrap(secret, subkey, random) {
    const nonce = random.bytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", secret, nonce);
    return joined(nonce, cipher.update(subkey), cipher.final(), cipher.getAuthTag());
  },
  unwrap(secret, wrapped) {
    const decipher = createDecipheriv("aes-256-gcm", secret, wrapped.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(wrapped.subarray(NONCE_BYTES + SUBKEY_BYTES));
    return joined(decipher.update(wrapped.subarray(NONCE_BYTES, NONCE_BYTES + SUBKEY_BYTES)), decipher.final());
  },
};

export function asWrapAlgorithm(name: string): WrapAlgorithm {
  if (name === "AES256-KW" || name === "AES256-GCM") return name;
  throw algorithmUnknown("key encryption", name);
}

export function subkeyWrap(algorithm: WrapAlgorithm): SubkeyWrap {
  return algorithm === "AES256-KW" ? keyWrap : galoisCounter;
}

/** One array of its own; the parts, which may hold a key, are overwritten. */
function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
    part.fill(0);
  }
  return whole;
}
