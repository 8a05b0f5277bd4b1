/** 19 bytes of a MAC and the type: as many as the index of blobs tells apart (blob-index.ts). */
const KEY_WORDS = 5;
const INITIAL_SLOTS = 1 << 12;

/**
 * Which blobs were written: open addressing over 20 bytes each, since a string for each of a million blobs would be most of the
 * memory of a backup. One slot is kept free of keys that are all zeros, which no blob has: its type is never 0.
 */
export class MacSet {
  #slots: Int32Array<ArrayBuffer> = new Int32Array(INITIAL_SLOTS * KEY_WORDS);
  #count = 0;
  readonly #key = new Int32Array(KEY_WORDS);
  readonly #keyBytes = new Uint8Array(this.#key.buffer);

  has(type: number, mac: Uint8Array): boolean {
    this.#setKey(type, mac);
    return this.#slots[this.#find() + KEY_WORDS - 1] !== 0;
  }

  /** False when it was there already. */
  add(type: number, mac: Uint8Array): boolean {
    if (this.#count * 10 > (this.#slots.length / KEY_WORDS) * 6) this.#grow();
    this.#setKey(type, mac);
    const at = this.#find();
    if (this.#slots[at + KEY_WORDS - 1] !== 0) return false;
    this.#slots.set(this.#key, at);
    this.#count++;
    return true;
  }

  #setKey(type: number, mac: Uint8Array): void {
    for (let i = 0; i < 19; i++) this.#keyBytes[i] = mac[i] as number;
    this.#keyBytes[19] = type;
  }

  /** Where the key is, or would be. */
  #find(): number {
    const slots = this.#slots;
    const [a, b, c, d, e] = this.#key as unknown as [number, number, number, number, number];
    const mask = slots.length / KEY_WORDS - 1;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const at = slot * KEY_WORDS;
      const last = slots[at + 4];
      if (last === 0) return at;
      if (last === e && slots[at] === a && slots[at + 1] === b && slots[at + 2] === c && slots[at + 3] === d) return at;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(before.length * 2);
    for (let at = 0; at < before.length; at += KEY_WORDS) {
      if (before[at + KEY_WORDS - 1] === 0) continue;
      this.#key.set(before.subarray(at, at + KEY_WORDS));
      this.#slots.set(this.#key, this.#find());
    }
  }
}
