import { type ByteString, fromText } from "./byte-string.ts";

/*
 * Names of other systems on Windows. What it cannot hold becomes a character of the private use area, U+F000 plus the byte
 * that it stands for: what Services for UNIX, Cygwin and WSL do as well, so that WSL shows the name as it was. Everything
 * else stays, so that any two names stay two, unless one holds such characters itself: then the second of them that is
 * restored finds its place taken.
 */
const PRIVATE_USE = 0xf000;

/** What no name may hold, the separator of streams among it. */
// oxlint-disable-next-line no-control-regex -- these are what must not reach Windows
const forbidden = /[\u0000-\u001f"*:<>?|\\/]/g;
const forbiddenAtEnd = /[ .]$/;
/** Devices, whatever comes behind a dot, or behind spaces. COM¹ is one too (superscripts 1 to 3, here in UTF-8). */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)(?:[0-9]|\xc2[\xb9\xb2\xb3])) *(?:\.|$)/i;

/**
 * A name, which is neither empty nor `.` or `..`, as Windows holds it: for forbidden characters, a dot or a space at the end,
 * the first letter of a device's name, and bytes that are no UTF-8 stand characters of the private use area.
 */
export function toWindowsName(name: ByteString): ByteString {
  // Before anything else: what stands for something is itself not ASCII, and so is never looked at again.
  let mapped: string = withoutStrayBytes(name);
  mapped = mapped.replaceAll(forbidden, standIn).replace(forbiddenAtEnd, standIn);
  if (device.test(mapped)) mapped = `${standIn(mapped.slice(0, 1))}${mapped.slice(1)}`;
  return mapped as ByteString;
}

/** A relative path of a snapshot, name by name. */
export function toWindowsNames(path: ByteString): ByteString {
  return path
    .split("/")
    .map((name) => toWindowsName(name as ByteString))
    .join("/") as ByteString;
}

function standIn(byte: string): string {
  return fromText(String.fromCharCode(PRIVATE_USE + byte.charCodeAt(0)));
}

/** Sequences of UTF-8, and of WTF-8: a surrogate (ED A0..BF) counts as long as it is not the second half of a pair. */
const sequence =
  // oxlint-disable-next-line no-control-regex -- ASCII begins with them
  /[\u0000-\u007f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|\xed[\xa0-\xaf][\x80-\xbf](?!\xed[\xb0-\xbf])|(?<!\xed[\xa0-\xaf][\x80-\xbf])\xed[\xb0-\xbf][\x80-\xbf]/y;

// oxlint-disable-next-line no-control-regex -- ASCII is the point
const ascii = /^[\u0000-\u007f]*$/;

function withoutStrayBytes(name: ByteString): string {
  if (ascii.test(name)) return name;
  let text = "";
  for (let at = 0; at < name.length; ) {
    sequence.lastIndex = at;
    const found = sequence.exec(name)?.[0] ?? "";
    text += found === "" ? standIn(name.charAt(at)) : found;
    at += Math.max(found.length, 1);
  }
  return text;
}
