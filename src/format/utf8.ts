/*
 * Text that must survive a round trip although it may not be UTF-8 (Go strings are bytes). A byte that is not part of
 * UTF-8 becomes the unpaired surrogate U+DC00 + byte, as Python's "surrogateescape" (PEP 383) does, and back.
 */

const REPLACEMENT = "\ufffd";
const ESCAPE_BASE = 0xdc00;
const escapes = /[\udc80-\udcff]/;

/** Names of users, types of content: a million entries have the same few, which are kept once. */
const SHARED_TEXT_BYTES = 64;
const SHARED_TEXTS = 256;
const sharedTexts: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[] = Array.from({
  length: SHARED_TEXTS,
});

/** Bytes to text. */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return "";
  if (length > SHARED_TEXT_BYTES) return decode(bytes, start, end);
  const first = bytes[start] as number;
  const slot = (length * 31 + first * 7 + (bytes[end - 1] as number)) % SHARED_TEXTS;
  const shared = sharedTexts[slot];
  if (shared && isAt(shared.bytes, bytes, start, length)) return shared.text;
  const text = decode(bytes, start, end);
  sharedTexts[slot] = { bytes: new Uint8Array(bytes.subarray(start, end)), text };
  return text;
}

function isAt(wanted: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (wanted.length !== length) return false;
  for (let i = 0; i < length; i++) if (wanted[i] !== bytes[start + i]) return false;
  return true;
}

function decode(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start, end);
  if (!text.includes(REPLACEMENT)) return text;
  let lossless = "";
  for (let at = start; at < end; ) {
    const length = sequenceLength(bytes, at, end);
    if (length === 0) lossless += String.fromCharCode(ESCAPE_BASE + (bytes[at] as number));
    else lossless += bytes.toString("utf8", at, at + length);
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
