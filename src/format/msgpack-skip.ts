/** Deeper than any structure of the format. */
const MAX_DEPTH = 32;

/**
 * Where the msgpack value that begins at `at` ends, or -1 when it is cut off, nested too deep, or none. Linear in the bytes
 * that it covers.
 */
export function valueEnd(bytes: Uint8Array, at: number): number {
  return endOf(bytes, at, 0);
}

function endOf(bytes: Uint8Array, at: number, depth: number): number {
  const code = bytes[at];
  if (code === undefined || depth > MAX_DEPTH) return -1;
  const next = at + 1;
  if (code < 0x80 || code >= 0xe0) return next;
  if (code < 0x90) return manyEnd(bytes, next, (code & 15) * 2, depth);
  if (code < 0xa0) return manyEnd(bytes, next, code & 15, depth);
  if (code < 0xc0) return within(bytes, next + (code & 31));
  if (code <= 0xc3) return code === 0xc1 ? -1 : next;
  if (code <= 0xc6) return counted(bytes, next, 1 << (code - 0xc4), 0);
  if (code <= 0xc9) return counted(bytes, next, 1 << (code - 0xc7), 1);
  if (code <= 0xcb) return within(bytes, next + (code === 0xca ? 4 : 8));
  if (code <= 0xd3) return within(bytes, next + (1 << (code & 3))); // integers of 1, 2, 4, 8 bytes
  if (code <= 0xd8) return within(bytes, next + 1 + (1 << (code - 0xd4)));
  if (code <= 0xdb) return counted(bytes, next, 1 << (code - 0xd9), 0);
  const size = code & 1 ? 4 : 2;
  const count = bigEndian(bytes, next, size);
  return manyEnd(bytes, next + size, code >= 0xde ? count * 2 : count, depth);
}

function manyEnd(bytes: Uint8Array, at: number, count: number, depth: number): number {
  let end = at;
  // every value takes a byte: a count that is too large ends at the end of the bytes
  for (let i = 0; i < count && end >= 0; i++) end = endOf(bytes, end, depth + 1);
  return within(bytes, end);
}

/** The end of a length of `size` bytes, `more` bytes, and as many bytes as the length says. */
function counted(bytes: Uint8Array, at: number, size: number, more: number): number {
  return within(bytes, at + size + more + bigEndian(bytes, at, size));
}

/** An unsigned number; NaN where it is cut off. */
function bigEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (bytes[at + i] ?? Number.NaN);
  return value;
}

function within(bytes: Uint8Array, end: number): number {
  return end <= bytes.length ? end : -1;
}
