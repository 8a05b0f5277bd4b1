import type { ByteString } from "../foundation/index.ts";

/*
 * Text that must survive a round trip although it may not be UTF-8 (Go strings are bytes). A byte that is not part of
 * UTF-8 becomes the unpaired surrogate U+DC00 + byte, as Python's "surrogateescape" (PEP 383) does, and back.
 */

const REPLACEMENT = "\ufffd";
const ESCAPE_BASE = 0xdc00;
const escapes = /[\udc80-\udcff]/;

/** Node's own decoders, which take any array of bytes; a Buffer for each structure would cost more than they do. */
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as Record<
  "latin1Slice" | "utf8Slice",
  (this: Uint8Array, start: number, end: number) => string
>;

/** Paths of directories, names of users, types of content: a million entries have the same few, which are kept once. */
const SHARED_BYTES = 128;
const SLOTS = 256;

class SharedStrings<T extends string> {
  readonly #make: (bytes: Uint8Array, start: number, end: number) => T;
  readonly #slots: ({ readonly bytes: Uint8Array; readonly value: T } | undefined)[] = Array.from({ length: SLOTS });

  constructor(make: (bytes: Uint8Array, start: number, end: number) => T) {
    this.#make = make;
  }

  /** Answers an equal string that was made before, or makes one. */
  get(bytes: Uint8Array, start: number, end: number): T {
    const length = end - start;
    if (length === 0 || length > SHARED_BYTES) return this.#make(bytes, start, end);
    const slot = (length * 31 + (bytes[start] as number) * 7 + (bytes[end - 1] as number)) % SLOTS;
    const shared = this.#slots[slot];
    if (shared && isAt(shared.bytes, bytes, start, length)) return shared.value;
    const value = this.#make(bytes, start, end);
    this.#slots[slot] = { bytes: new Uint8Array(bytes.subarray(start, end)), value };
    return value;
  }
}

function isAt(wanted: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (wanted.length !== length) return false;
  // paths differ at their ends
  for (let i = length - 1; i >= 0; i--) if (wanted[i] !== bytes[start + i]) return false;
  return true;
}

const texts = new SharedStrings(decodeWhole);
const byteStrings = new SharedStrings(decodeBytes);

/** Bytes to text. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return texts.get(bytes, start, end);
}

/** Bytes to one unit each. */
export function decodeBytes(bytes: Uint8Array, start: number, end: number): ByteString {
  return latin1Slice.call(bytes, start, end) as ByteString;
}

/** decodeBytes for what many structures have in common. */
export function decodeCommonBytes(bytes: Uint8Array, start: number, end: number): ByteString {
  return byteStrings.get(bytes, start, end);
}

function decodeWhole(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8Slice.call(bytes, start, end);
  if (!text.includes(REPLACEMENT)) return text;
  let lossless = "";
  for (let at = start; at < end; ) {
    const length = sequenceLength(bytes, at, end);
    if (length === 0) lossless += String.fromCharCode(ESCAPE_BASE + (bytes[at] as number));
    else lossless += utf8Slice.call(bytes, at, at + length);
    at += Math.max(1, length);
  }
  return lossless;
}

/** Text to bytes. */
export function encodeText(text: string): Uint8Array {
  if (!escapes.test(text)) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  // by code points, so that the second half of a pair is not taken for an escape
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    const escaped = code >= ESCAPE_BASE + 0x80 && code <= ESCAPE_BASE + 0xff;
    parts.push(escaped ? Buffer.of(code - ESCAPE_BASE) : Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}

/** Bytes of the UTF-8 sequence at `at` (Unicode 16, table 3-7), or 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || first > 0xf4 || at + length > end) return 0;
  const second = bytes[at + 1] as number;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  return length;
}
