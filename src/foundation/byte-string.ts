/**
 * File names and paths are bytes, not text: Linux allows any byte but "/" and NUL. Here they are strings with one
 * UTF-16 unit per byte (what Node calls latin1), so that `<` is byte order, `Map` keys work, and nothing is lost.
 */
declare const byteStringBrand: unique symbol;
export type ByteString = string & { readonly [byteStringBrand]: true };

// oxlint-disable-next-line no-control-regex -- ASCII is the point
const ascii = /^[\u0000-\u007f]*$/;

/** UTF-8 text (a command-line argument, a constant) to bytes. */
export function fromText(text: string): ByteString {
  return (ascii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1")) as ByteString;
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

/** What Node's fs takes: the string itself where it is ASCII (fast), else a Buffer. */
export function toFsPath(value: ByteString): string | Buffer {
  return ascii.test(value) ? value : Buffer.from(value, "latin1");
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
