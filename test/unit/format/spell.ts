/**
 * Msgpack spelled out by hand: numbers are bytes, strings their UTF-8, arrays nest. Names get the header of a short string
 * with `s`. What encoders must produce is written with this, and not with the writer that is tested.
 */
export type Spelled = number | string | Uint8Array | readonly Spelled[];

export function spell(...parts: readonly Spelled[]): Buffer {
  return Buffer.concat(parts.map(spellOne));
}

function spellOne(part: Spelled): Buffer {
  if (typeof part === "number") return Buffer.of(part);
  if (typeof part === "string") return Buffer.from(part);
  return part instanceof Uint8Array ? Buffer.from(part) : spell(...part);
}

/** A string of at most 31 bytes. */
export function s(text: string): Buffer {
  return spell(0xa0 + Buffer.byteLength(text), text);
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(5, 0xce);
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(9, 0xcf);
  bytes.writeBigUInt64BE(value, 1);
  return bytes;
}

export function i64(value: bigint): Buffer {
  const bytes = Buffer.alloc(9, 0xd3);
  bytes.writeBigInt64BE(value, 1);
  return bytes;
}

export function f64(value: number): Buffer {
  const bytes = Buffer.alloc(9, 0xcb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/** 32 equal bytes, as binary data. */
export function mac(byte: number): Buffer {
  return spell(0xc4, 32, Buffer.alloc(32, byte));
}
