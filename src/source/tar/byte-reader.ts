/** Bytes in the amounts that are asked for, from a stream that gives them as it likes. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly `length` bytes, or fewer at the end. For small amounts: they are held in memory. */
  async read(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      const part = await this.#next(missing);
      if (!part) break;
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  /** `length` bytes as they come; answers by the generator's return value how many were missing at the end. */
  async *take(length: number): AsyncGenerator<Uint8Array, number> {
    let missing = length;
    while (missing > 0) {
      const part = await this.#next(missing);
      if (!part) return missing;
      missing -= part.length;
      yield part;
    }
    return 0;
  }

  /** Reads past bytes; answers how many were missing. */
  async skip(length: number): Promise<number> {
    let missing = length;
    for (let part = await this.#next(missing); missing > 0 && part; part = await this.#next(missing)) {
      missing -= part.length;
      if (missing === 0) break;
    }
    return missing;
  }

  /** At most `most` bytes, at least one; undefined at the end. */
  async #next(most: number): Promise<Uint8Array | undefined> {
    if (most === 0) return undefined;
    while (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return undefined;
      this.#held = next.value;
    }
    const part = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(part.length);
    return part;
  }
}
