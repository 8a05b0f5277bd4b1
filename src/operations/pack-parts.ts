import { WRAPPER_HEADER_BYTES, WRAPPER_TRAILER_BYTES } from "../format/index.ts";
import type { PackPart } from "../pipeline/index.ts";
import type { BlobIndex } from "../repository/index.ts";

/** Bytes of a packfile that are fetched together, and the blobs that lie in them. */
export interface PortionOfPack {
  readonly start: number;
  readonly end: number;
  readonly records: Uint32Array;
  readonly part: PackPart;
}

interface Blob {
  readonly record: number;
  readonly start: number;
  readonly stop: number;
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
  const blobs = inOrder(records, index);
  const bodyEnd = Math.max(sizeBytes - WRAPPER_TRAILER_BYTES, 0);
  let next = 0;
  for (let covered = 0; ; ) {
    const limit = Math.max(covered + partBytes, WRAPPER_HEADER_BYTES); // the first has the whole header
    const from = next;
    let start = covered;
    let end = covered;
    for (let blob = blobs[next]; blob && blob.start < bodyEnd; blob = blobs[next]) {
      const isFirst = next === from;
      if (blob.start >= limit || (blob.stop > limit && !(isFirst && blob.start <= covered))) break;
      start = Math.min(start, blob.start);
      end = Math.max(end, blob.stop);
      next++;
      if (blob.stop > limit) break;
    }
    // up to the next blob, as far as that is not too far away
    const upTo = Math.max(end, Math.min(limit, blobs[next]?.start ?? limit));
    const isLast = upTo >= bodyEnd;
    if (isLast) next = blobs.length; // those beyond the end are lost, which whoever verifies them tells
    const macTo = Math.min(upTo, bodyEnd);
    yield {
      start,
      end: isLast ? sizeBytes : upTo,
      records: Uint32Array.from(blobs.slice(from, next), ({ record }) => record),
      part: { isFirst: covered === 0, isLast, macFrom: covered - start, macTo: macTo - start },
    };
    if (isLast) return;
    covered = upTo;
  }
}

function inOrder(records: Uint32Array, index: BlobIndex): Blob[] {
  const blobs = Array.from(records, (record) => {
    const { offset, length } = index.location(record);
    const start = WRAPPER_HEADER_BYTES + offset;
    return { record, start, stop: start + length };
  });
  return blobs.toSorted((a, b) => a.start - b.start);
}
