import { WRAPPER_HEADER_BYTES, WRAPPER_TRAILER_BYTES } from "../format/index.ts";
import type { BlobIndex } from "../repository/index.ts";

/** Which part of a packfile some bytes are, and which of them its MAC has not covered yet. */
export interface PackPart {
  readonly isFirst: boolean;
  /** It ends with the packfile's trailer. */
  readonly isLast: boolean;
  readonly macFrom: number;
  readonly macTo: number;
}

/** Bytes of a packfile that are fetched together, and the blobs that lie in them. */
export interface PortionOfPack {
  readonly start: number;
  readonly end: number;
  readonly records: Uint32Array;
  readonly part: PackPart;
}

/** The packfile in one portion. */
export function wholePack(records: Uint32Array, sizeBytes: number): PortionOfPack {
  const macTo = Math.max(sizeBytes - WRAPPER_TRAILER_BYTES, 0);
  return { start: 0, end: sizeBytes, records, part: { isFirst: true, isLast: true, macFrom: 0, macTo } };
}

/**
 * Portions of about `partBytes`, or of one larger blob, in order. Together they are the packfile, whose MAC goes over each
 * byte once; blobs that overlap others, which none should, are fetched again.
 */
export function* portionsOf(
  records: Uint32Array,
  index: BlobIndex,
  sizeBytes: number,
  partBytes: number,
): Generator<PortionOfPack> {
  const sorted = inOrder(records, index);
  const startOf = (at: number): number => WRAPPER_HEADER_BYTES + index.offsetOf(sorted[at] as number);
  const bodyEnd = Math.max(sizeBytes - WRAPPER_TRAILER_BYTES, 0);
  let next = 0;
  for (let covered = 0; ; ) {
    const limit = Math.max(covered + partBytes, WRAPPER_HEADER_BYTES); // the first has the whole header
    const from = next;
    let start = covered;
    let end = covered;
    for (; next < sorted.length; next++) {
      const blobStart = startOf(next);
      const blobEnd = blobStart + index.lengthOf(sorted[next] as number);
      if (blobStart >= bodyEnd || blobStart >= limit) break;
      // one that does not fit begins the next portion, unless it begins this one
      if (blobEnd > limit && (end > covered || blobStart > covered)) break;
      start = Math.min(start, blobStart);
      end = Math.max(end, blobEnd);
    }
    // up to the next blob, as far as that is not too far away
    const upTo = Math.max(end, next < sorted.length ? Math.min(limit, startOf(next)) : limit);
    const isLast = upTo >= bodyEnd;
    if (isLast) next = sorted.length; // those beyond the end are lost, which whoever verifies them tells
    const macTo = Math.min(upTo, bodyEnd) - start;
    const part = { isFirst: covered === 0, isLast, macFrom: covered - start, macTo };
    yield { start, end: isLast ? sizeBytes : upTo, records: sorted.slice(from, next), part };
    if (isLast) return;
    covered = upTo;
  }
}

/** By their places; mostly they are so already. */
function inOrder(records: Uint32Array, index: BlobIndex): Uint32Array {
  for (let at = 1; at < records.length; at++) {
    if (index.offsetOf(records[at] as number) < index.offsetOf(records[at - 1] as number))
      return records.toSorted((a, b) => index.offsetOf(a) - index.offsetOf(b));
  }
  return records;
}
