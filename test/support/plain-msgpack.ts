/** A time or another extension, as it stands. */
export interface Extension {
  readonly extension: number;
  readonly bytes: Buffer;
}

/** Msgpack by its specification: maps become objects, strings UTF-8, 64-bit integers bigints. For tests alone. */
export function readPlainMsgpack(bytes: Uint8Array): unknown {
  const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const value = reader.value();
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes follow the value`);
  return value;
}

class Reader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  value(): unknown {
    const code = this.#unsigned(1);
    if (code < 0x80) return code;
    if (code < 0x90) return this.#map(code & 15);
    if (code < 0xa0) return this.#list(code & 15);
    if (code < 0xc0) return this.#take(code & 31).toString();
    if (code >= 0xe0) return code - 256;
    return this.#long(code);
  }

  #long(code: number): unknown {
    const size = 2 ** (code & 3);
    if (code === 0xc0) return null;
    if (code === 0xc2 || code === 0xc3) return code === 0xc3;
    if (code <= 0xc6) return this.#take(this.#unsigned(2 ** (code - 0xc4)));
    if (code <= 0xc9) return this.#extension(this.#unsigned(2 ** (code - 0xc7)));
    if (code === 0xca) return this.#take(4).readFloatBE();
    if (code === 0xcb) return this.#take(8).readDoubleBE();
    if (code === 0xcf) return this.#take(8).readBigUInt64BE();
    if (code === 0xd3) return this.#take(8).readBigInt64BE();
    if (code <= 0xcf) return this.#unsigned(size);
    if (code <= 0xd3) return this.#take(size).readIntBE(0, size);
    if (code <= 0xd8) return this.#extension(2 ** (code - 0xd4));
    if (code <= 0xdb) return this.#take(this.#unsigned(2 ** (code - 0xd9))).toString();
    return code <= 0xdd
      ? this.#list(this.#unsigned(2 ** (code - 0xdb)))
      : this.#map(this.#unsigned(2 ** (code - 0xdd)));
  }

  #take(length: number): Buffer {
    this.at += length;
    if (this.at > this.#bytes.length) throw new Error("the value is cut off");
    return this.#bytes.subarray(this.at - length, this.at);
  }

  #unsigned(size: number): number {
    return this.#take(size).readUIntBE(0, size);
  }

  #extension(length: number): Extension {
    return { extension: this.#take(1).readInt8(), bytes: this.#take(length) };
  }

  #list(length: number): unknown[] {
    return Array.from({ length }, () => this.value());
  }

  #map(length: number): Record<string, unknown> {
    return Object.fromEntries(Array.from({ length }, () => [String(this.value()), this.value()]));
  }
}
