import { type ByteString, corrupted, type PlakarError } from "../foundation/index.ts";
import { MAC_BYTES, type Mac } from "./identifiers.ts";
import { decodeBytes, decodeCommonBytes, decodeText } from "./strings.ts";

const TWO_32 = 2 ** 32;
const NS = 1_000_000_000n;
const EXTENSION_TIME = 0xff; // -1
const U16 = 2 ** 16 - 1;
const U32 = TWO_32 - 1;

/** Reads single msgpack values, one after the other. See MsgpackReader, which reads the structures that they are in. */
export class MsgpackValues {
  protected readonly bytes: Uint8Array;
  protected readonly view: DataView;
  /** Where the next value begins. */
  protected at = 0;
  readonly #what: string;
  readonly #errorCode: string;

  /** `what` names the structure in errors, `code` is theirs. */
  constructor(bytes: Uint8Array, what: string, code = "msgpack-damaged") {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
    this.#errorCode = code;
  }

  isNil(): boolean {
    return this.bytes[this.at] === 0xc0;
  }

  /** Consumes a nil where there is one. */
  nil(): boolean {
    if (!this.isNil()) return false;
    this.at++;
    return true;
  }

  bytesString(): ByteString {
    const length = this.#stringLength();
    const start = this.leap(length);
    return decodeBytes(this.bytes, start, start + length);
  }

  /** bytesString for what many structures have in common, as the path of a directory is. */
  commonBytesString(): ByteString {
    const length = this.#stringLength();
    const start = this.leap(length);
    return decodeCommonBytes(this.bytes, start, start + length);
  }

  /** UTF-8; what is none is escaped, so that it is written again as it was (strings.ts). */
  text(): string {
    const length = this.#stringLength();
    const start = this.leap(length);
    return decodeText(this.bytes, start, start + length);
  }

  /** A copy; nil is empty. */
  bin(): Uint8Array<ArrayBuffer> {
    const code = this.code();
    if (code === 0xc0) return new Uint8Array();
    if (code < 0xc4 || code > 0xc6) throw this.damaged("binary data");
    return this.#copy(this.unsigned(code === 0xc4 ? 1 : code === 0xc5 ? 2 : 4));
  }

  /** Exactly `length` bytes. */
  binOf(length: number): Uint8Array<ArrayBuffer> {
    if (this.code() !== 0xc4 || this.unsigned(1) !== length) throw this.damaged(`${length} bytes`);
    return this.#copy(length);
  }

  mac(): Mac {
    return this.binOf(MAC_BYTES) as Mac;
  }

  bool(): boolean {
    const code = this.code();
    if (code !== 0xc2 && code !== 0xc3) throw this.damaged("a boolean");
    return code === 0xc3;
  }

  /** An integer of any form that a double holds exactly. */
  number(): number {
    const code = this.code();
    if (code < 0x80) return code;
    if (code >= 0xe0) return code - 256;
    switch (code) {
      case 0xcc:
        return this.unsigned(1);
      case 0xcd:
        return this.unsigned(2);
      case 0xce:
        return this.unsigned(4);
      case 0xd0:
        return this.view.getInt8(this.leap(1));
      case 0xd1:
        return this.view.getInt16(this.leap(2));
      case 0xd2:
        return this.view.getInt32(this.leap(4));
      case 0xcf:
      case 0xd3: {
        const at = this.leap(8);
        const high = code === 0xcf ? this.view.getUint32(at) : this.view.getInt32(at);
        const value = high * TWO_32 + this.view.getUint32(at + 4);
        if (Number.isSafeInteger(value)) return value;
      }
    }
    throw this.damaged("an integer below 2^53");
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
    if (this.bytes[this.at] !== 0xcf) return BigInt(this.#within(Number.MAX_SAFE_INTEGER));
    return this.view.getBigUint64(this.leap(9) + 1);
  }

  i64(): bigint {
    if (this.bytes[this.at] !== 0xd3) return BigInt(this.number());
    return this.view.getBigInt64(this.leap(9) + 1);
  }

  float(): number {
    const code = this.code();
    if (code === 0xcb) return this.view.getFloat64(this.leap(8));
    if (code === 0xca) return this.view.getFloat32(this.leap(4));
    this.at--;
    return this.number();
  }

  /** Nanoseconds since 1970. */
  time(): bigint {
    const code = this.code();
    const size = code === 0xd6 ? 4 : code === 0xd7 ? 8 : code === 0xc7 ? this.unsigned(1) : 0;
    const at = this.leap(1 + size) + 1;
    if (this.bytes[at - 1] !== EXTENSION_TIME) throw this.damaged("a time");
    const view = this.view;
    if (size === 4) return BigInt(view.getUint32(at)) * NS;
    if (size === 8) {
      const high = view.getUint32(at);
      return BigInt((high & 3) * TWO_32 + view.getUint32(at + 4)) * NS + BigInt(high >>> 2);
    }
    if (size === 12) return view.getBigInt64(at + 4) * NS + BigInt(view.getUint32(at));
    throw this.damaged("a time");
  }

  #within(most: number): number {
    const value = this.number();
    if (value < 0 || value > most) throw this.damaged(`a number up to ${most}`);
    return value;
  }

  #stringLength(): number {
    const code = this.code();
    if ((code & 0xe0) === 0xa0) return code & 31;
    if (code === 0xd9) return this.unsigned(1);
    if (code === 0xda) return this.unsigned(2);
    if (code === 0xdb) return this.unsigned(4);
    throw this.damaged("a string");
  }

  #copy(length: number): Uint8Array<ArrayBuffer> {
    const start = this.leap(length);
    const copy = new Uint8Array(length);
    if (length > 64) copy.set(this.bytes.subarray(start, start + length));
    else for (let i = 0; i < length; i++) copy[i] = this.bytes[start + i] as number;
    return copy;
  }

  protected unsigned(size: 1 | 2 | 4): number {
    const at = this.leap(size);
    if (size === 1) return this.bytes[at] as number;
    return size === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  protected code(): number {
    return this.bytes[this.leap(1)] as number;
  }

  /** Goes on by `length` bytes, which must be there, and answers where they begin. */
  protected leap(length: number): number {
    const at = this.at;
    if (length > this.bytes.length - at) throw this.damaged("more bytes");
    this.at = at + length;
    return at;
  }

  protected damaged(wanted: string): PlakarError {
    return corrupted(this.#errorCode, `${this.#what} is damaged: at byte ${this.at} there should be ${wanted}`);
  }
}
