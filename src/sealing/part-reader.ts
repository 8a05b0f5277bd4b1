import { concatBytes } from "../foundation/index.ts";

/** Bytes that come in parts of any length, taken in portions of any other. */
export class PartReader {
  readonly #parts: AsyncIterator<Uint8Array>;
  #part: Uint8Array = new Uint8Array();

  constructor(parts: AsyncIterable<Uint8Array>) {
    this.#parts = parts[Symbol.asyncIterator]();
  }

  /** The next bytes; fewer only where there are no more. */
  async take(count: number): Promise<Uint8Array> {
    const taken: Uint8Array[] = [];
    for (let missing = count; missing > 0; ) {
      if (this.#part.length === 0) {
        const next = await this.#parts.next();
        if (next.done) break;
        this.#part = next.value;
      }
      const some = this.#part.subarray(0, missing);
      this.#part = this.#part.subarray(some.length);
      missing -= some.length;
      taken.push(some);
    }
    return taken.length === 1 ? (taken[0] as Uint8Array) : concatBytes(taken);
  }
}
