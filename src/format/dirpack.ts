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

/** Where a frame that begins at `start` has its entry, which a MAC follows up to `end`. Fails with `dirpack-damaged`. */
export function readDirpackFrame(
  content: Uint8Array,
  at: number,
): { readonly isDirectory: boolean; readonly entryStart: number; readonly end: number } {
  const kind = content[at];
  const entryStart = at + HEADER_BYTES;
  const end = entryStart > content.length ? 0 : entryStart + lengthAt(content, at + 1);
  if (end < entryStart + MAC_BYTES || end > content.length || (kind !== DIRECTORY && kind !== OTHER))
    throw corrupted("dirpack-damaged", "a directory's listing is cut off or has a child of no known kind");
  return { isDirectory: kind === DIRECTORY, entryStart, end };
}

/** The children of a directory, in the order in which they were written: by name. Fails with `dirpack-damaged`, behind those before it. */
export function* readDirpack(content: Uint8Array): Generator<DirpackFrame> {
  for (let at = 0; at < content.length; ) {
    const { isDirectory, entryStart, end } = readDirpackFrame(content, at);
    at = end;
    yield {
      isDirectory,
      entry: content.subarray(entryStart, end - MAC_BYTES),
      mac: asMac(content.subarray(end - MAC_BYTES, end)),
    };
  }
}

/** Little-endian, unsigned. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]] as [number, number, number, number];
  return (a | (b << 8) | (c << 16)) + d * 2 ** 24;
}
