import { type ByteString, corrupted, type PlakarError } from "../foundation/index.ts";
import { MAC_BYTES, type Mac } from "./identifiers.ts";
import type { EncodedKey, KeyTable } from "./key-table.ts";
import { valueEnd } from "./msgpack-skip.ts";
import { decodeText } from "./utf8.ts";

const TWO_32 = 2 ** 32;
const NS = 1_000_000_000n;
const EXTENSION_TIME = 0xff; // -1
const U16 = 2 ** 16 - 1;
const U32 = TWO_32 - 1;
/** More unknown keys than these need no names. */
const NAMED_UNKNOWN_KEYS = 16;

/**
 * Reads msgpack from bytes that anybody may have written. Every length is compared with what is left before anything is
 * allocated, and the depth is bounded; whatever does not fit throws `corrupted` with code `msgpack-damaged`.
 */
export class MsgpackReader {
  /** Keys that no table named, of all maps read so far (the first few). */
  readonly unknownKeys: string[] = [];
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #what: string;
  readonly #errorCode: string;
  #at = 0;

  /** `what` names the structure in errors, `code` is theirs. */
  constructor(bytes: Uint8Array, what: string, code = "msgpack-damaged") {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
    this.#errorCode = code;
  }

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
    const code = this.#code();
    if ((code & 0xf0) === 0x80) return this.#fits(code & 15, 2);
    if (code === 0xc0) return 0;
    if (code === 0xde) return this.#fits(this.#unsigned(2), 2);
    if (code === 0xdf) return this.#fits(this.#unsigned(4), 2);
    throw this.#damaged("a map");
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
    const at = this.#at;
    const view = this.#view;
    const last = words.length - 1;
    // a key's value has a byte at least, but not always the four that make the last word whole
    if (at + words.length * 4 > view.byteLength) return this.#startsWithBytes(bytes);
    for (let word = 0; word < last; word++) if (view.getInt32(at + word * 4) !== words[word]) return false;
    if (((view.getInt32(at + last * 4) ^ (words[last] as number)) & lastMask) !== 0) return false;
    this.#at = at + bytes.length;
    return true;
  }

  #startsWithBytes(encoded: Uint8Array): boolean {
    const at = this.#at;
    for (let i = 0; i < encoded.length; i++) if (this.#bytes[at + i] !== encoded[i]) return false;
    this.#at = at + encoded.length;
    return true;
  }

  /** A list's length; an item takes `bytesEach` at least, so that a short input cannot ask for many. */
  #arrayLength(bytesEach: number): number {
    const code = this.#code();
    if ((code & 0xf0) === 0x90) return this.#fits(code & 15, bytesEach);
    if (code === 0xc0) return 0;
    if (code === 0xdc) return this.#fits(this.#unsigned(2), bytesEach);
    if (code === 0xdd) return this.#fits(this.#unsigned(4), bytesEach);
    throw this.#damaged("an array");
  }

  isNil(): boolean {
    return this.#bytes[this.#at] === 0xc0;
  }

  /** Consumes a nil where there is one. */
  nil(): boolean {
    if (!this.isNil()) return false;
    this.#at++;
    return true;
  }

  /** A list, or a nil in its place; `bytesEach`: the least that an item takes. */
  list<T>(item: () => T, bytesEach: number): T[] {
    const count = this.#arrayLength(bytesEach);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(item());
    return items;
  }

  bytesString(): ByteString {
    const length = this.#stringLength();
    const start = this.#leap(length);
    return this.#bytes.toString("latin1", start, start + length) as ByteString;
  }

  /** UTF-8; what is none is escaped, so that it is written again as it was (utf8.ts). */
  text(): string {
    const length = this.#stringLength();
    const start = this.#leap(length);
    return decodeText(this.#bytes, start, start + length);
  }

  /** A copy; nil is empty. */
  bin(): Uint8Array<ArrayBuffer> {
    const code = this.#code();
    if (code === 0xc0) return new Uint8Array();
    if (code < 0xc4 || code > 0xc6) throw this.#damaged("binary data");
    return this.#copy(this.#unsigned(code === 0xc4 ? 1 : code === 0xc5 ? 2 : 4));
  }

  /** Exactly `length` bytes. */
  binOf(length: number): Uint8Array<ArrayBuffer> {
    if (this.#code() !== 0xc4 || this.#unsigned(1) !== length) throw this.#damaged(`${length} bytes`);
    return this.#copy(length);
  }

  mac(): Mac {
    return this.binOf(MAC_BYTES) as Mac;
  }

  bool(): boolean {
    const code = this.#code();
    if (code !== 0xc2 && code !== 0xc3) throw this.#damaged("a boolean");
    return code === 0xc3;
  }

  /** An integer of any form that a double holds exactly. */
  number(): number {
    const code = this.#code();
    if (code < 0x80) return code;
    if (code >= 0xe0) return code - 256;
    switch (code) {
      case 0xcc:
        return this.#unsigned(1);
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xd0:
        return this.#view.getInt8(this.#leap(1));
      case 0xd1:
        return this.#view.getInt16(this.#leap(2));
      case 0xd2:
        return this.#view.getInt32(this.#leap(4));
      case 0xcf:
      case 0xd3: {
        const at = this.#leap(8);
        const high = code === 0xcf ? this.#view.getUint32(at) : this.#view.getInt32(at);
        const value = high * TWO_32 + this.#view.getUint32(at + 4);
        if (Number.isSafeInteger(value)) return value;
      }
    }
    throw this.#damaged("an integer below 2^53");
  }

  /** An integer of at least 0. */
  count(): number {
    return this.#within(Number.MAX_SAFE_INTEGER);
  }

  u8(): number {
    return this.#within(255);
  }

  u16(): number {
    return this.#within(U16);
  }

  u32(): number {
    return this.#within(U32);
  }

  u64(): bigint {
    if (this.#bytes[this.#at] !== 0xcf) return BigInt(this.#within(Number.MAX_SAFE_INTEGER));
    return this.#view.getBigUint64(this.#leap(9) + 1);
  }

  i64(): bigint {
    if (this.#bytes[this.#at] !== 0xd3) return BigInt(this.number());
    return this.#view.getBigInt64(this.#leap(9) + 1);
  }

  float(): number {
    const code = this.#code();
    if (code === 0xcb) return this.#view.getFloat64(this.#leap(8));
    if (code === 0xca) return this.#view.getFloat32(this.#leap(4));
    this.#at--;
    return this.number();
  }

  /** Nanoseconds since 1970. */
  time(): bigint {
    const code = this.#code();
    const size = code === 0xd6 ? 4 : code === 0xd7 ? 8 : code === 0xc7 ? this.#unsigned(1) : 0;
    const at = this.#leap(1 + size) + 1;
    if (this.#bytes[at - 1] !== EXTENSION_TIME) throw this.#damaged("a time");
    const view = this.#view;
    if (size === 4) return BigInt(view.getUint32(at)) * NS;
    if (size === 8) {
      const high = view.getUint32(at);
      return BigInt((high & 3) * TWO_32 + view.getUint32(at + 4)) * NS + BigInt(high >>> 2);
    }
    if (size === 12) return view.getBigInt64(at + 4) * NS + BigInt(view.getUint32(at));
    throw this.#damaged("a time");
  }

  /** Leaps over one value of any kind. */
  skip(): void {
    const end = valueEnd(this.#bytes, this.#at);
    if (end < 0) throw this.#damaged("a whole value");
    this.#at = end;
  }

  /** The bytes of the next value, as they stand. */
  slice(): Uint8Array {
    const start = this.#at;
    this.skip();
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, this.#at - start);
  }

  #within(most: number): number {
    const value = this.number();
    if (value < 0 || value > most) throw this.#damaged(`a number up to ${most}`);
    return value;
  }

  #stringLength(): number {
    const code = this.#code();
    if ((code & 0xe0) === 0xa0) return code & 31;
    if (code === 0xd9) return this.#unsigned(1);
    if (code === 0xda) return this.#unsigned(2);
    if (code === 0xdb) return this.#unsigned(4);
    throw this.#damaged("a string");
  }

  #copy(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#leap(length);
    const copy = new Uint8Array(length);
    if (length > 64) copy.set(this.#bytes.subarray(start, start + length));
    else for (let i = 0; i < length; i++) copy[i] = this.#bytes[start + i] as number;
    return copy;
  }

  #unsigned(size: 1 | 2 | 4): number {
    const at = this.#leap(size);
    if (size === 1) return this.#bytes[at] as number;
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #code(): number {
    return this.#bytes[this.#leap(1)] as number;
  }

  /** Goes on by `length` bytes, which must be there, and answers where they begin. */
  #leap(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw this.#damaged("more bytes");
    this.#at = at + length;
    return at;
  }

  #fits(count: number, bytesEach: number): number {
    if (count * bytesEach > this.#bytes.length - this.#at) throw this.#damaged("fewer items");
    return count;
  }

  #damaged(wanted: string): PlakarError {
    return corrupted(this.#errorCode, `${this.#what} is damaged: at byte ${this.#at} there should be ${wanted}`);
  }
}
