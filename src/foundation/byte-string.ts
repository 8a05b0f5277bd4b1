/**
 * File names and paths are bytes, not text: Linux allows any byte but "/" and NUL. Here they are strings with one
 * UTF-16 unit per byte (what Node calls latin1), so that `<` is byte order, `Map` keys work, and nothing is lost.
 */
declare const byteStringBrand: unique symbol;
export type ByteString = string & { readonly [byteStringBrand]: true };

// oxlint-disable-next-line no-control-regex -- ASCII is the point
const ascii = /^[\u0000-\u007f]*$/;

/** Lone surrogates that stand for one byte each, as PEP 383 ("surrogateescape") has them: U+DC80 to U+DCFF. */
const escaped = /[\u{dc80}-\u{dcff}]/u;
const ESCAPE_BASE = 0xdc00;

/** Text (a command-line argument, a constant) to bytes: UTF-8, and escaped bytes as they were. */
export function fromText(text: string): ByteString {
  if (ascii.test(text)) return text as ByteString;
  if (!escaped.test(text)) return Buffer.from(text, "utf8").toString("latin1") as ByteString;
  const parts = Array.from(text, (symbol) =>
    escaped.test(symbol)
      ? String.fromCharCode(symbol.charCodeAt(0) - ESCAPE_BASE)
      : Buffer.from(symbol, "utf8").toString("latin1"),
  );
  return parts.join("") as ByteString;
}

/** Bytes as text for the way through the command line: UTF-8 where it is, every other byte escaped. `fromText` undoes it. */
export function toEscapedText(value: ByteString): string {
  const whole = toText(value);
  if (whole !== undefined) return whole;
  let text = "";
  for (let at = 0; at < value.length; ) {
    // A sequence of UTF-8 is at most four bytes long, and no sequence begins with another.
    const lengths = [1, 2, 3, 4].filter((length) => at + length <= value.length);
    const length = lengths.find((each) => toText(value.slice(at, at + each) as ByteString) !== undefined);
    text +=
      length === undefined
        ? String.fromCharCode(ESCAPE_BASE + value.charCodeAt(at))
        : toText(value.slice(at, at + length) as ByteString);
    at += length ?? 1;
  }
  return text;
}

/** A path that came as text, for Node's fs: the text itself, or bytes where it has escaped ones. */
export function nativePath(text: string): string | Buffer {
  return escaped.test(text) ? toBytes(fromText(text)) : text;
}

/** Bytes as they came from the system or a decoder. */
export function fromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1") as ByteString;
}

/** A string that already has one unit per byte (`readdir` with encoding latin1). */
export function fromLatin1(latin1: string): ByteString {
  return latin1 as ByteString;
}

export function toBytes(value: ByteString): Buffer<ArrayBuffer> {
  return Buffer.from(value, "latin1");
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** UTF-8 text, or undefined where the bytes are not UTF-8. */
export function toText(value: ByteString): string | undefined {
  if (ascii.test(value)) return value;
  try {
    return decoder.decode(Buffer.from(value, "latin1"));
  } catch {
    return undefined;
  }
}

/** For people: UTF-8 where it is, control characters and stray bytes as `\xNN`, so that a name cannot drive a terminal. */
export function toDisplay(value: ByteString): string {
  const text = toText(value);
  const shown = text ?? value.replaceAll(/[\u0080-\u00ff]/g, escapeUnit);
  // C0, DEL, C1, and the characters that reorder text on a terminal
  // oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
  return shown.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, escapeUnit);
}

/** A line for people, of which some parts came from elsewhere: nothing in it drives a terminal or begins another line. */
export function toDisplayText(text: string): string {
  return toDisplay(fromText(text));
}

/** Several lines of our own making for people. */
export function toDisplayLines(text: string): string {
  return text.split("\n").map(toDisplayText).join("\n");
}

function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Joins a directory and a name; `/` + `a` is `/a`. */
export function joinPath(directory: ByteString, name: ByteString): ByteString {
  return (directory === "/" ? `/${name}` : `${directory}/${name}`) as ByteString;
}

/** `/a/b` -> `/a`; `/a` and `/` -> `/`. */
export function parentPath(path: ByteString): ByteString {
  const slash = path.lastIndexOf("/");
  return (slash <= 0 ? "/" : path.slice(0, slash)) as ByteString;
}

/** `/a/b` -> `b`; `/` -> `/`. */
export function baseName(path: ByteString): ByteString {
  return (path === "/" ? "/" : path.slice(path.lastIndexOf("/") + 1)) as ByteString;
}
