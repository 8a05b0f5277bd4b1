import { corrupted, viewOf } from "../foundation/index.ts";
import { asMac, MAC_BYTES, type Mac } from "./identifiers.ts";

/* The content of a directory's object in the index "dirpack": a frame for each child (kloset-format section 7). */
const HEADER_BYTES = 5;
const DIRECTORY = 1;
const OTHER = 2;

export interface DirpackFrame {
  readonly isDirectory: boolean;
  /** A view of the content: the msgpack of a VfsEntry. */
  readonly entry: Uint8Array;
  readonly mac: Mac;
}

/** One child of a directory: kind, length with the MAC, the entry, the entry's MAC. */
export function encodeDirpackFrame(isDirectory: boolean, entry: Uint8Array, mac: Mac): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + entry.length + MAC_BYTES);
  frame[0] = isDirectory ? DIRECTORY : OTHER;
  viewOf(frame).setUint32(1, entry.length + MAC_BYTES, true);
  frame.set(entry, HEADER_BYTES);
  frame.set(mac, HEADER_BYTES + entry.length);
  return frame;
}

/** The children of a directory, in the order in which they were written: by name. Fails with `dirpack-damaged`, behind those before it. */
export function* readDirpack(content: Uint8Array): Generator<DirpackFrame> {
  const view = viewOf(content);
  let at = 0;
  while (at < content.length) {
    const kind = content[at];
    const start = at + HEADER_BYTES;
    const length = start > content.length ? 0 : view.getUint32(at + 1, true);
    at = start + length;
    if (length < MAC_BYTES || at > content.length || (kind !== DIRECTORY && kind !== OTHER))
      throw corrupted("dirpack-damaged", "a directory's listing is cut off or has a child of no known kind");
    yield {
      isDirectory: kind === DIRECTORY,
      entry: content.subarray(start, at - MAC_BYTES),
      mac: asMac(content.subarray(at - MAC_BYTES, at)),
    };
  }
}
