import type { EncodedKey, KeyTable } from "./key-table.ts";
import { valueEnd } from "./msgpack-skip.ts";
import { MsgpackValues } from "./msgpack-values.ts";

/** More unknown keys than these need no names. */
const NAMED_UNKNOWN_KEYS = 16;

/**
 * Reads msgpack from bytes that anybody may have written. Every length is compared with what is left before anything is
 * allocated, and the depth is bounded; whatever does not fit throws `corrupted` with code `msgpack-damaged`.
 */
export class MsgpackReader extends MsgpackValues {
  /** Keys that no table named, of all maps read so far (the first few). */
  readonly unknownKeys: string[] = [];

  /**
   * Reads a map, or a nil in its place; `field` reads the value of each key of the table. Other keys are leapt over and
   * noted. Keys may come in any order; the table's own is the fast one.
   */
  fields<Name extends string>(table: KeyTable<Name>, field: (key: Name) => void): void {
    const count = this.#mapLength();
    let expected = 0;
    for (let i = 0; i < count; i++) {
      const place = this.#key(table, expected);
      if (place < 0) {
        this.skip();
        continue;
      }
      expected = place + 1;
      field(table.names[place] as Name);
    }
  }

  #mapLength(): number {
    const code = this.code();
    if ((code & 0xf0) === 0x80) return this.#fits(code & 15, 2);
    if (code === 0xc0) return 0;
    if (code === 0xde) return this.#fits(this.unsigned(2), 2);
    if (code === 0xdf) return this.#fits(this.unsigned(4), 2);
    throw this.damaged("a map");
  }

  /** The bytes of one field's value, without reading the others; undefined where the map lacks it. */
  sliceOf<Name extends string>(table: KeyTable<Name>, name: Name): Uint8Array | undefined {
    const wanted = table.place(name);
    const count = this.#mapLength();
    let expected = 0;
    for (let i = 0; i < count; i++) {
      const place = this.#key(table, expected);
      if (place === wanted) return this.slice();
      this.skip();
      expected = place + 1;
    }
    return undefined;
  }

  /** Reads a key: its place in the table, the likeliest of which is `expected`, or -1, and then it is noted. */
  #key(table: KeyTable<string>, expected: number): number {
    const { encoded } = table;
    // optional fields are left out, so the next key may be a later one
    for (let place = expected; place < encoded.length; place++) {
      if (this.#startsWith(encoded[place] as EncodedKey)) return place;
    }
    const name = this.bytesString();
    const place = table.place(name);
    if (place < 0 && this.unknownKeys.length < NAMED_UNKNOWN_KEYS) this.unknownKeys.push(name);
    return place;
  }

  /** Leaps over the key when it comes next. */
  #startsWith({ bytes, words, lastMask }: EncodedKey): boolean {
    const at = this.at;
    const view = this.view;
    const last = words.length - 1;
    // a key's value has a byte at least, but not always the four that make the last word whole
    if (at + words.length * 4 > view.byteLength) return this.#startsWithBytes(bytes);
    for (let word = 0; word < last; word++) if (view.getInt32(at + word * 4) !== words[word]) return false;
    if (((view.getInt32(at + last * 4) ^ (words[last] as number)) & lastMask) !== 0) return false;
    this.at = at + bytes.length;
    return true;
  }

  #startsWithBytes(encoded: Uint8Array): boolean {
    const at = this.at;
    for (let i = 0; i < encoded.length; i++) if (this.bytes[at + i] !== encoded[i]) return false;
    this.at = at + encoded.length;
    return true;
  }

  /** A list's length; an item takes `bytesEach` at least, so that a short input cannot ask for many. */
  #arrayLength(bytesEach: number): number {
    const code = this.code();
    if ((code & 0xf0) === 0x90) return this.#fits(code & 15, bytesEach);
    if (code === 0xc0) return 0;
    if (code === 0xdc) return this.#fits(this.unsigned(2), bytesEach);
    if (code === 0xdd) return this.#fits(this.unsigned(4), bytesEach);
    throw this.damaged("an array");
  }

  /** A list, or a nil in its place; `bytesEach`: the least that an item takes. */
  list<T>(item: () => T, bytesEach: number): T[] {
    const count = this.#arrayLength(bytesEach);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(item());
    return items;
  }

  /** Leaps over one value of any kind. */
  skip(): void {
    const end = valueEnd(this.bytes, this.at);
    if (end < 0) throw this.damaged("a whole value");
    this.at = end;
  }

  /** The bytes of the next value, as they stand. */
  slice(): Uint8Array {
    const start = this.at;
    this.skip();
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, this.at - start);
  }

  #fits(count: number, bytesEach: number): number {
    if (count * bytesEach > this.bytes.length - this.at) throw this.damaged("fewer items");
    return count;
  }
}
