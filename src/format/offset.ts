import { corrupted } from "../foundation/index.ts";

const TWO_32 = 2 ** 32;

/** A little-endian u64 that must be exact as a double. Without bigints, for there are millions of them. */
export function readOffset(view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);
  if (value > Number.MAX_SAFE_INTEGER) throw corrupted("offset-damaged", "an offset is larger than any file");
  return value;
}

export function writeOffset(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true);
  view.setUint32(at + 4, Math.floor(value / TWO_32), true);
}
