import { createSecretKey, type KeyObject } from "node:crypto";
import { type ByteString, fromBytes, type Random } from "../../foundation/index.ts";
import { blobDamaged } from "../failures.ts";
import { type SubkeyWrap, subkeyWrap, type WrapAlgorithm } from "./subkey-wrap.ts";

const SUBKEY_BYTES = 32;
/** Subkeys that stay unwrapped: those of the sessions that wrote what is read now. */
const KEPT_SUBKEYS = 64;

/**
 * How many slices one subkey seals before another is drawn. RFC 8452, section 9: under random nonces, 2^64 messages of up
 * to 128 KiB (2^48 of up to 32 MiB) leave an attacker an advantage of at most 2^-32. 2^24 slices stay so far below that no
 * bound on messages, blocks or repeated nonces is ever near, and cost one wrapping in a TiB of content.
 */
export const MAX_SLICES_PER_SUBKEY: number = 2 ** 24;

export interface Subkey {
  readonly key: Uint8Array;
  readonly wrapped: Uint8Array;
}

/** The subkeys of one store: the one that this session seals under, and those that it met while opening. */
export class Subkeys {
  readonly #wrap: SubkeyWrap;
  readonly #secret: KeyObject;
  readonly #random: Random;
  readonly #maxSlices: number;
  readonly #opened = new Map<ByteString, Uint8Array>();
  #own: Subkey | undefined;
  #slices = 0;

  constructor(algorithm: WrapAlgorithm, secret: Uint8Array, random: Random, maxSlices: number) {
    this.#wrap = subkeyWrap(algorithm);
    this.#secret = createSecretKey(secret);
    this.#random = random;
    this.#maxSlices = maxSlices;
  }

  /** Length of a wrapped subkey. */
  get wrappedBytes(): number {
    return this.#wrap.bytes;
  }

  /**
   * The subkey for a blob of this many slices. A blob without any counts as one, so that blobs are bounded, too; one of
   * more slices than a subkey may seal has it for itself.
   */
  forSealing(slices: number): Subkey {
    const counted = Math.max(slices, 1);
    if (!this.#own || this.#slices + counted > this.#maxSlices) {
      this.#own?.key.fill(0);
      const key = this.#random.bytes(SUBKEY_BYTES);
      this.#own = { key, wrapped: this.#wrap.wrap(this.#secret, key, this.#random) };
      this.#slices = 0;
    }
    this.#slices += counted;
    return this.#own;
  }

  /** The subkey of a sealed blob; `blob-damaged` where it does not unwrap. */
  forOpening(wrapped: Uint8Array, what: string): Uint8Array {
    const name = fromBytes(wrapped);
    const kept = this.#opened.get(name);
    if (kept) return kept;
    const key = this.#unwrap(wrapped, what);
    this.#keep(name, key);
    return key;
  }

  #unwrap(wrapped: Uint8Array, what: string): Uint8Array {
    if (wrapped.length !== this.#wrap.bytes) throw blobDamaged(what, "its key is truncated");
    try {
      return this.#wrap.unwrap(this.#secret, wrapped);
    } catch (error) {
      throw blobDamaged(what, "its key does not unwrap", error);
    }
  }

  #keep(name: ByteString, key: Uint8Array): void {
    this.#opened.set(name, key);
    if (this.#opened.size <= KEPT_SUBKEYS) return;
    const [oldest] = this.#opened.entries().next().value as [ByteString, Uint8Array];
    this.#opened.get(oldest)?.fill(0);
    this.#opened.delete(oldest);
  }
}
