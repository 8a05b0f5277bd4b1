import type { ByteString } from "../foundation/index.ts";
import type { EncodedKey } from "./key-table.ts";
import { encodeText } from "./strings.ts";

/** Results share slabs: an ArrayBuffer for each would cost ten times what the encoding does. */
const SLAB_BYTES = 16 << 10;
/** Longer results get an ArrayBuffer of their own. */
const SHARED_RESULT_BYTES = 2 << 10;
const TWO_32 = 2 ** 32;
const NS = 1_000_000_000n;
const EXTENSION_TIME = 0xff; // -1

/**
 * Writes msgpack exactly as the Go implementation does (kloset-format section 8): integers of fixed-size Go types keep their
 * full width, only Go's `int` is compact; strings and containers take the shortest form. Decoders elsewhere rely on the
 * bytes being these and no others (I-08).
 */
export class MsgpackWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(SLAB_BYTES);
  #view: DataView = new DataView(this.#bytes.buffer);
  /** What lies before has been handed out. */
  #start = 0;
  #end = 0;

  /** Forgets what an encoder that failed may have left. */
  clear(): this {
    this.#end = this.#start;
    return this;
  }

  /** A key that was encoded before (KeyTable). */
  key({ bytes, words }: EncodedKey): this {
    const at = this.#room(words.length * 4);
    const view = this.#view;
    for (let word = 0; word < words.length; word++) view.setInt32(at + word * 4, words[word] as number);
    this.#end = at + bytes.length;
    return this;
  }

  u8(value: number): this {
    const at = this.#room(2);
    this.#bytes[at] = 0xcc;
    this.#bytes[at + 1] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#room(3);
    this.#bytes[at] = 0xcd;
    this.#view.setUint16(at + 1, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(5);
    this.#bytes[at] = 0xce;
    this.#view.setUint32(at + 1, value);
    return this;
  }

  u64(value: bigint | number): this {
    return this.#wide(0xcf, value);
  }

  i64(value: bigint | number): this {
    return this.#wide(0xd3, value);
  }

  f64(value: number): this {
    const at = this.#room(9);
    this.#bytes[at] = 0xcb;
    this.#view.setFloat64(at + 1, value);
    return this;
  }

  /** A Go `int`: the shortest form. */
  int(value: number): this {
    if (value >= 0) {
      if (value < 128) return this.#byte(value);
      if (value < 256) return this.u8(value);
      if (value < 65536) return this.u16(value);
      return value < TWO_32 ? this.u32(value) : this.u64(value);
    }
    if (value >= -32) return this.#byte(value & 0xff);
    if (value >= -128) return this.#byte(0xd0).#byte(value & 0xff);
    if (value >= -32768) {
      const at = this.#byte(0xd1).#room(2);
      this.#view.setInt16(at, value);
      return this;
    }
    if (value < -(2 ** 31)) return this.i64(value);
    const at = this.#byte(0xd2).#room(4);
    this.#view.setInt32(at, value);
    return this;
  }

  bool(value: boolean): this {
    return this.#byte(value ? 0xc3 : 0xc2);
  }

  nil(): this {
    return this.#byte(0xc0);
  }

  /** Bytes as a msgpack string: names may hold any byte. */
  str(value: ByteString): this {
    const { length } = value;
    this.#stringHeader(length);
    const at = this.#room(length);
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) bytes[at + i] = value.charCodeAt(i);
    return this;
  }

  /** Text as UTF-8; escaped bytes (strings.ts) as they were. */
  text(value: string): this {
    const { length } = value;
    this.#stringHeader(length);
    const at = this.#room(length);
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return this.#longText(value, at - stringHeaderBytes(length));
      bytes[at + i] = code;
    }
    return this;
  }

  bin(value: Uint8Array): this {
    const { length } = value;
    if (length < 256) {
      const at = this.#room(2);
      this.#bytes[at] = 0xc4;
      this.#bytes[at + 1] = length;
    } else this.#longHeader(length, 0xc5, 0xc6);
    return this.raw(value);
  }

  /** `length` bytes from `from` on, less than 256 of them. */
  binAt(bytes: Uint8Array, from: number, length: number): this {
    const at = this.#room(2 + length);
    const written = this.#bytes;
    written[at] = 0xc4;
    written[at + 1] = length;
    for (let i = 0; i < length; i++) written[at + 2 + i] = bytes[from + i] as number;
    return this;
  }

  array(length: number): this {
    if (length < 16) return this.#byte(0x90 | length);
    return this.#longHeader(length, 0xdc, 0xdd);
  }

  map(length: number): this {
    if (length < 16) return this.#byte(0x80 | length);
    return this.#longHeader(length, 0xde, 0xdf);
  }

  /** Extension -1 in its shortest form: 4 bytes of seconds, 8 with nanoseconds, 12 before 1970 or after 2514. */
  time(ns: bigint): this {
    let nanoseconds = Number(ns % NS);
    let seconds = Number(ns / NS);
    if (nanoseconds < 0) {
      nanoseconds += 1e9;
      seconds -= 1;
    }
    if (seconds < 0 || seconds >= 2 ** 34) return this.#longTime(seconds, nanoseconds);
    const high = nanoseconds * 4 + Math.floor(seconds / TWO_32);
    const at = this.#room(high === 0 ? 6 : 10);
    this.#bytes[at] = high === 0 ? 0xd6 : 0xd7;
    this.#bytes[at + 1] = EXTENSION_TIME;
    if (high !== 0) this.#view.setUint32(at + 2, high);
    this.#view.setUint32(high === 0 ? at + 2 : at + 6, seconds);
    return this;
  }

  /** Bytes that are msgpack already. */
  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** What was written, often as a view of a shared slab: to be read, never to be transferred. The writer is empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const start = this.#start;
    const end = this.#end;
    if (end - start > SHARED_RESULT_BYTES) {
      const taken = this.#bytes.slice(start, end);
      if (this.#bytes.length > SLAB_BYTES) this.#replace(SLAB_BYTES, 0);
      this.#end = this.#start;
      return taken;
    }
    this.#start = end;
    return this.#bytes.subarray(start, end);
  }

  /** Begins again at `start`. */
  #longText(value: string, start: number): this {
    this.#end = start;
    const bytes = encodeText(value);
    this.#stringHeader(bytes.length);
    return this.raw(bytes);
  }

  #longTime(seconds: number, nanoseconds: number): this {
    const at = this.#room(15);
    this.#bytes[at] = 0xc7;
    this.#bytes[at + 1] = 12;
    this.#bytes[at + 2] = EXTENSION_TIME;
    this.#view.setUint32(at + 3, nanoseconds);
    this.#view.setBigInt64(at + 7, BigInt(seconds));
    return this;
  }

  #wide(code: number, value: bigint | number): this {
    const at = this.#room(9);
    this.#bytes[at] = code;
    if (typeof value === "bigint") this.#view.setBigUint64(at + 1, value);
    else {
      this.#view.setUint32(at + 1, Math.floor(value / TWO_32));
      this.#view.setUint32(at + 5, value);
    }
    return this;
  }

  #byte(value: number): this {
    const at = this.#room(1); // may replace #bytes
    this.#bytes[at] = value;
    return this;
  }

  #stringHeader(length: number): void {
    if (length < 32) this.#byte(0xa0 | length);
    else if (length < 256) this.#byte(0xd9).#byte(length);
    else this.#longHeader(length, 0xda, 0xdb);
  }

  #longHeader(length: number, code16: number, code32: number): this {
    const short = length < 65536;
    const at = this.#room(short ? 3 : 5);
    this.#bytes[at] = short ? code16 : code32;
    if (short) this.#view.setUint16(at + 1, length);
    else this.#view.setUint32(at + 1, length);
    return this;
  }

  /** Makes room for `size` bytes at the end and answers where they begin. May replace #bytes. */
  #room(size: number): number {
    if (this.#end + size > this.#bytes.length) {
      const written = this.#end - this.#start;
      this.#replace(Math.max(SLAB_BYTES, (written + size) * 2), written);
    }
    const at = this.#end;
    this.#end = at + size;
    return at;
  }

  /** Goes on in a new slab, which begins with what is being written. */
  #replace(capacity: number, written: number): void {
    const bytes = new Uint8Array(capacity);
    bytes.set(this.#bytes.subarray(this.#start, this.#start + written));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#start = 0;
    this.#end = written;
  }
}

function stringHeaderBytes(length: number): number {
  if (length < 32) return 1;
  return length < 256 ? 2 : length < 65536 ? 3 : 5;
}

const shared = new MsgpackWriter();

/** The writer that all encoders share. An encoder takes its bytes before it returns and calls no other that writes anew. */
export function startWriting(): MsgpackWriter {
  return shared.clear();
}
