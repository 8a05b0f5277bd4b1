import type { Random } from "../../foundation/index.ts";
import type { Kernels } from "../../kernels/index.ts";

const NONCE_BYTES = 12;
/** One question to the system's generator for so many: asking for twelve bytes costs as much as sealing a small blob. */
const POOLED = 680;

/** Random nonces in kernel memory, each used once. */
export class NoncePool {
  readonly #kernels: Kernels;
  readonly #random: Random;
  #next = 0;
  #end = 0;
  #start = 0;

  constructor(kernels: Kernels, random: Random) {
    this.#kernels = kernels;
    this.#random = random;
  }

  /** The address of a fresh nonce, valid until the next call. */
  next(): number {
    if (this.#next === this.#end) this.#refill();
    const nonce = this.#next;
    this.#next += NONCE_BYTES;
    return nonce;
  }

  #refill(): void {
    if (this.#end === 0) this.#start = this.#kernels.allocate(POOLED * NONCE_BYTES);
    this.#kernels.bytes.set(this.#random.bytes(POOLED * NONCE_BYTES), this.#start);
    this.#next = this.#start;
    this.#end = this.#start + POOLED * NONCE_BYTES;
  }
}
