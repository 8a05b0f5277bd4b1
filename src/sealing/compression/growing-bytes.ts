import { PlakarError } from "../../foundation/index.ts";

/** Bytes that are appended until their number is known, and never more than a limit, not even while they grow. */
export class GrowingBytes {
  readonly #limit: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(limit: number, expected: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(Math.min(limit, Math.max(expected, 1024)));
  }

  get length(): number {
    return this.#length;
  }

  /** The caller has made sure that the limit holds. */
  append(part: Uint8Array): void {
    const needed = this.#length + part.length;
    if (needed > this.#bytes.length) {
      if (needed > this.#limit)
        throw new PlakarError("sealing-limit", "more was appended than allowed", { kind: "bug" });
      const larger = new Uint8Array(Math.min(this.#limit, Math.max(needed, this.#bytes.length * 2)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#length);
    this.#length = needed;
  }

  /** A view of the last bytes, at most this many. */
  last(count: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(Math.max(this.#length - count, 0), this.#length);
  }

  /** What was appended; the object must not be used again. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }
}
