/** A small generator of the same numbers everywhere: xorshift32 (Marsaglia 2003). Not for secrets. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) | 0 || 1;
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  below(limit: number): number {
    return this.next() % limit;
  }

  /** Noise that nothing compresses. */
  bytes(length: number): Buffer {
    const noise = Buffer.allocUnsafe(length);
    let at = 0;
    for (; at + 4 <= length; at += 4) noise.writeUInt32LE(this.next(), at);
    for (; at < length; at++) noise[at] = this.next();
    return noise;
  }
}
