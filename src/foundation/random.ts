/** A source of random bytes: the system's generator, or a seeded one in tests. */
export interface Random {
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

export const systemRandom: Random = {
  // loaded when it is first needed: it costs a command that needs none a third of its time
  bytes: (length) => process.getBuiltinModule("node:crypto").randomFillSync(new Uint8Array(length)),
};

/** SplitMix64 (Steele, Lea, Flood 2014): repeatable bytes for tests, never for keys. */
export class SeededRandom implements Random {
  #state: bigint;

  constructor(seed: number | bigint) {
    this.#state = BigInt.asUintN(64, BigInt(seed));
  }

  next(): bigint {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Number(this.next() % BigInt(bound));
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(Math.ceil(length / 8) * 8);
    const words = new BigUint64Array(out.buffer);
    for (let i = 0; i < words.length; i++) words[i] = this.next();
    return out.subarray(0, length);
  }
}
