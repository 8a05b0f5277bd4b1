import { corrupted, viewOf } from "../foundation/index.ts";
import { asMac, MAC_BYTES, type Mac } from "./identifiers.ts";

const HEADER_BYTES = 5;

/** One child of a directory: kind, length with the MAC, the entry, the entry's MAC. */
export function encodeDirpackFrame(isDirectory: boolean, entry: Uint8Array, mac: Mac): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + entry.length + MAC_BYTES);
  frame[0] = isDirectory ? 1 : 2;
  viewOf(frame).setUint32(1, entry.length + MAC_BYTES, true);
  frame.set(entry, HEADER_BYTES);
  frame.set(mac, HEADER_BYTES + entry.length);
  return frame;
}

/** The children of a directory, in the order in which they were written: by name. */
export function readDirpack(content: Uint8Array): { isDirectory: boolean; entry: Uint8Array; mac: Mac }[] {
  const view = viewOf(content);
  const frames: { isDirectory: boolean; entry: Uint8Array; mac: Mac }[] = [];
  let at = 0;
  while (at < content.length) {
    const length = at + HEADER_BYTES > content.length ? -1 : view.getUint32(at + 1, true);
    const start = at + HEADER_BYTES;
    if (length < MAC_BYTES || start + length > content.length)
      throw corrupted("dirpack-damaged", "a directory's listing is cut off");
    const macAt = start + length - MAC_BYTES;
    frames.push({
      isDirectory: content[at] === 1,
      entry: content.subarray(start, macAt),
      mac: asMac(content.slice(macAt, macAt + MAC_BYTES)),
    });
    at = start + length;
  }
  return frames;
}
