import type { ByteString } from "../foundation/index.ts";
import type { EncodedKey } from "./key-table.ts";
import { decodeText, encodeText } from "./strings.ts";

const TWO_16 = 2 ** 16;
const TWO_32 = 2 ** 32;
const EXTENSION_TIME = 0xff; // -1

/**
 * Compares msgpack with values, one after the other, and makes nothing of it: no objects, no strings. A value matches when
 * MsgpackWriter would write exactly these bytes. After one that does not match, the place is undefined.
 */
export class MsgpackMatcher {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** A bigint's two halves, without making numbers of it. */
  readonly #wide = new DataView(new ArrayBuffer(8));
  #at = 0;
  #end = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** What follows is about the bytes from `at` to `end`. */
  protected begin(at: number, end: number): void {
    this.#at = at;
    this.#end = end;
  }

  protected get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** Leaps over the key when it comes next. */
  protected key({ bytes, words, lastMask }: EncodedKey): boolean {
    const at = this.#at;
    const view = this.#view;
    const last = words.length - 1;
    if (at + words.length * 4 > view.byteLength) return false;
    for (let word = 0; word < last; word++) if (view.getInt32(at + word * 4) !== words[word]) return false;
    if (((view.getInt32(at + last * 4) ^ (words[last] as number)) & lastMask) !== 0) return false;
    this.#at = at + bytes.length;
    return this.#at <= this.#end;
  }

  /** The length of a map of less than 16 fields, which comes next; else -1. */
  protected mapLength(): number {
    const code = this.#leap(1) < 0 ? 0 : (this.#bytes[this.#at - 1] as number);
    return (code & 0xf0) === 0x80 ? code & 15 : -1;
  }

  protected arrayOf(length: number): boolean {
    if (length < 16) return this.#code(0x90 | length);
    if (length < TWO_16) return this.#code(0xdc) && this.#unsigned(2) === length;
    return this.#code(0xdd) && this.#unsigned(4) === length;
  }

  protected nil(): boolean {
    return this.#code(0xc0);
  }

  protected u16(value: number): boolean {
    return this.#code(0xcd) && this.#unsigned(2) === value;
  }

  protected u32(value: number): boolean {
    return this.#code(0xce) && this.#unsigned(4) === value;
  }

  protected u64(value: bigint): boolean {
    if (!this.#code(0xcf)) return false;
    const at = this.#leap(8);
    if (at < 0) return false;
    this.#wide.setBigUint64(0, value);
    return this.#isWideAt(at);
  }

  protected u64OfNumber(value: number): boolean {
    return this.#code(0xcf) && this.#isNumber(value);
  }

  protected i64(value: number): boolean {
    return this.#code(0xd3) && this.#isNumber(value);
  }

  /** Times that the longest form is for never match. */
  protected time(ns: bigint): boolean {
    const code = this.#bytes[this.#at];
    const at = this.#leap(code === 0xd6 ? 6 : 10) + 2;
    if (at < 2 || this.#bytes[at - 1] !== EXTENSION_TIME) return false;
    this.#wide.setBigInt64(0, ns);
    if (code === 0xd6) return this.#isTime(this.#view.getUint32(at), 0);
    const high = this.#view.getUint32(at);
    if (code !== 0xd7 || high === 0) return false;
    return this.#isTime((high & 3) * TWO_32 + this.#view.getUint32(at + 4), high >>> 2);
  }

  /** Bytes of a string. */
  protected bytesString(value: ByteString): boolean {
    const { length } = value;
    if (this.#stringLength() !== length) return false;
    const at = this.#leap(length);
    if (at < 0) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== value.charCodeAt(i)) return false;
    return true;
  }

  protected text(value: string): boolean {
    const start = this.#at;
    const { length } = value;
    const at = this.#stringLength() === length ? this.#leap(length) : -1;
    const bytes = this.#bytes;
    let i = 0;
    if (at >= 0) while (i < length && bytes[at + i] === value.charCodeAt(i) && value.charCodeAt(i) < 128) i++;
    if (at >= 0 && i === length) return true;
    const encoded = encodeText(value); // which is longer than the text, or the same ASCII that did not match
    this.#at = start;
    if (encoded.length === length || this.#stringLength() !== encoded.length) return false;
    const other = this.#leap(encoded.length);
    return other >= 0 && this.isAt(other, encoded);
  }

  /** How a string that comes next is to `value` in byte order; undefined where there is none. */
  protected compareString(value: ByteString): number | undefined {
    const length = this.#stringLength();
    const at = this.#leap(length);
    if (length < 0 || at < 0) return undefined;
    const least = Math.min(length, value.length);
    for (let i = 0; i < least; i++) {
      const order = (this.#bytes[at + i] as number) - value.charCodeAt(i);
      if (order !== 0) return order;
    }
    return length - value.length;
  }

  /** Where the content of binary data of this length lies, which comes next; else -1. */
  protected binary(length: number): number {
    return this.#code(0xc4) && this.#unsigned(1) === length ? this.#leap(length) : -1;
  }

  protected isAt(at: number, wanted: Uint8Array): boolean {
    for (let i = 0; i < wanted.length; i++) if (this.#bytes[at + i] !== wanted[i]) return false;
    return true;
  }

  /** Any text; undefined where there is none. */
  protected anyText(): string | undefined {
    const length = this.#stringLength();
    const at = length < 0 ? -1 : this.#leap(length);
    return at < 0 ? undefined : decodeText(this.#bytes, at, at + length);
  }

  /** NaN where there is none. */
  protected anyFloat(): number {
    const at = this.#code(0xcb) ? this.#leap(8) : -1;
    return at < 0 ? Number.NaN : this.#view.getFloat64(at);
  }

  /** A number of at most 2^53; NaN where there is none. */
  protected anyU64(): number {
    const at = this.#code(0xcf) ? this.#leap(8) : -1;
    if (at < 0) return Number.NaN;
    const value = this.#view.getUint32(at) * TWO_32 + this.#view.getUint32(at + 4);
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }

  /** Of a string in its shortest form; else -1. */
  #stringLength(): number {
    const at = this.#leap(1);
    const code = at < 0 ? 0 : (this.#bytes[at] as number);
    if ((code & 0xe0) === 0xa0) return code & 31;
    if (code < 0xd9 || code > 0xdb) return -1;
    const length = this.#unsigned(code === 0xd9 ? 1 : code === 0xda ? 2 : 4);
    return length >= (code === 0xd9 ? 32 : code === 0xda ? 256 : TWO_16) ? length : -1;
  }

  /** Seconds and nanoseconds, when their sum is what #wide holds: in pieces that doubles hold exactly. */
  #isTime(seconds: number, nanoseconds: number): boolean {
    const upper = Math.floor(seconds / TWO_16) * 1e9;
    const lower = (seconds % TWO_16) * 1e9 + nanoseconds + (upper % TWO_16) * TWO_16;
    const wide = this.#wide;
    if (wide.getUint32(4) !== lower % TWO_32) return false;
    // a sum of 2^63 or more is no negative number
    const high = Math.floor(upper / TWO_16) + Math.floor(lower / TWO_32);
    return nanoseconds < 1e9 && high < 2 ** 31 && wide.getUint32(0) === high;
  }

  #isNumber(value: number): boolean {
    const at = this.#leap(8);
    if (at < 0) return false;
    this.#wide.setUint32(0, Math.floor(value / TWO_32));
    this.#wide.setUint32(4, value);
    return this.#isWideAt(at);
  }

  #isWideAt(at: number): boolean {
    const view = this.#view;
    const wide = this.#wide;
    return view.getInt32(at) === wide.getInt32(0) && view.getInt32(at + 4) === wide.getInt32(4);
  }

  #code(code: number): boolean {
    const at = this.#leap(1);
    return at >= 0 && this.#bytes[at] === code;
  }

  /** NaN where it is cut off. */
  #unsigned(size: 1 | 2 | 4): number {
    const at = this.#leap(size);
    if (at < 0) return Number.NaN;
    if (size === 1) return this.#bytes[at] as number;
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  /** Goes on by `length` bytes and answers where they begin; -1 where they are not all there. */
  #leap(length: number): number {
    const at = this.#at;
    if (!(length >= 0) || at + length > this.#end) return -1;
    this.#at = at + length;
    return at;
  }
}
