/** A key as it is written: the header of a short string, and its bytes. */
export interface EncodedKey {
  readonly bytes: Uint8Array;
  /** The bytes as big-endian words, the last one filled up with zeros: keys are copied and compared word by word. */
  readonly words: Int32Array;
  /** The bits of the last word that belong to the key. */
  readonly lastMask: number;
}

/**
 * The keys of a structure in the order in which they are written, encoded once. Readers compare the bytes with the key that
 * usually comes next, so that a known structure is read without making a string.
 */
export class KeyTable<Name extends string> {
  readonly names: readonly Name[];
  readonly encoded: readonly EncodedKey[];
  /** The encoded keys by their names. */
  readonly of: Readonly<Record<Name, EncodedKey>>;
  readonly #places: ReadonlyMap<string, number>;

  /** Names are ASCII of at most 31 characters. */
  constructor(names: readonly Name[]) {
    this.names = names;
    this.encoded = names.map(encodeKey);
    this.of = Object.fromEntries(names.map((name, place) => [name, this.encoded[place]])) as Record<Name, EncodedKey>;
    this.#places = new Map(names.map((name, place) => [name, place]));
  }

  /** The place of a name in the order, or -1. */
  place(name: string): number {
    return this.#places.get(name) ?? -1;
  }
}

function encodeKey(name: string): EncodedKey {
  const bytes = Uint8Array.from([0xa0 | name.length, ...Buffer.from(name, "latin1")]);
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 4) * 4));
  for (const [at, byte] of bytes.entries()) padded.setUint8(at, byte);
  const words = Int32Array.from({ length: padded.byteLength / 4 }, (_, word) => padded.getInt32(word * 4));
  return { bytes, words, lastMask: -1 << ((padded.byteLength - bytes.length) * 8) };
}
