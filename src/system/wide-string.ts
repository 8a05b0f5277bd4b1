import type { ByteString } from "../foundation/index.ts";

/**
 * A string as the functions of Windows take it: UTF-16, ended by NUL. `value` is UTF-8, or WTF-8 with unpaired surrogates
 * (Rochester, "The WTF-8 encoding"); bytes that are neither become U+FFFD, and so name nothing.
 */
export function wideString(value: ByteString): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(value, "latin1");
  let text = "";
  let from = 0;
  for (const { index } of value.matchAll(/\xed[\xa0-\xbf][\x80-\xbf]/g)) {
    const [second, third] = [bytes[index + 1] ?? 0, bytes[index + 2] ?? 0];
    text += bytes.toString("utf8", from, index);
    text += String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
    from = index + 3;
  }
  return Buffer.from(`${text}${bytes.toString("utf8", from)}\0`, "utf16le");
}
