import type { MsgpackReader } from "./msgpack-reader.ts";
import type { MsgpackWriter } from "./msgpack-writer.ts";

/**
 * The list that stands for Go's nil slice where a field's type has no null: it is written as nil, any other empty list as
 * an empty array. Decoders answer it, so that what is encoded again is the same.
 */
export const nilList: readonly never[] = Object.freeze([]);

export function writeList<T>(w: MsgpackWriter, items: readonly T[] | null, write: (item: T) => unknown): void {
  if (!items || items === nilList) {
    w.nil();
    return;
  }
  w.array(items.length);
  for (const item of items) write(item);
}

/** `bytesEach`: the least that an item takes. */
export function readList<T>(r: MsgpackReader, item: () => T, bytesEach: number): readonly T[] {
  return r.nil() ? nilList : r.list(item, bytesEach);
}

export function readListOrNull<T>(r: MsgpackReader, item: () => T, bytesEach: number): T[] | null {
  return r.nil() ? null : r.list(item, bytesEach);
}
