import type { BlobBase } from "./blob-base.ts";
import { BlobBaseWriter, type BuiltBase } from "./blob-base-writer.ts";
import { compareRows, ROW_WORDS } from "./blob-record.ts";
import { type BlobSpill, PARTITIONS } from "./blob-spill.ts";

/** What a new base is made of. */
export interface MergeParts {
  readonly base: BlobBase | undefined;
  /** Which records of the base are left out. */
  readonly isRemoved: (record: number) => boolean;
  readonly spill: BlobSpill;
}

const PREFIXES_IN_PARTITION = 256;

/**
 * A new base, partition by partition, each sorted by itself: memory for one of them, however many blobs there are. A place that
 * is there twice is kept once. Throws what the system says when files cannot be read or written, or `cache-damaged`.
 */
export function mergeToBase(parts: MergeParts, directory: string | undefined, key: Uint8Array): BuiltBase {
  const { base, spill } = parts;
  const atMost = (base?.count ?? 0) + spill.count;
  const writer = new BlobBaseWriter(directory, atMost, key);
  try {
    for (let partition = 0; partition < PARTITIONS; partition++) writeInOrder(rowsOf(parts, partition), writer);
    return writer.finish();
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

function rowsOf({ base, isRemoved, spill }: MergeParts, partition: number): Uint32Array<ArrayBuffer> {
  const first = partition * PREFIXES_IN_PARTITION;
  const inBase = base ? base.firstOf(first + PREFIXES_IN_PARTITION) - base.firstOf(first) : 0;
  const inSpill = spill.rowsOf(partition);
  const rows = new Uint32Array((inBase + inSpill) * ROW_WORDS);
  let to = 0;
  for (let prefix = first; base && prefix < first + PREFIXES_IN_PARTITION; prefix++) {
    for (let record = base.firstOf(prefix); record < base.firstOf(prefix + 1); record++) {
      if (isRemoved(record)) continue;
      base.copyRow(record, prefix, rows, to);
      to += ROW_WORDS;
    }
  }
  spill.take(partition, rows, to);
  return rows.subarray(0, to + inSpill * ROW_WORDS);
}

/**
 * Sorts numbers of rows by the beginnings of their keys, 32 bits above the number, which the system's own sort of words does
 * fastest; the few whose beginnings are equal are compared as a whole.
 */
function writeInOrder(rows: Uint32Array, writer: BlobBaseWriter): void {
  const count = rows.length / ROW_WORDS;
  const words = new Uint32Array(count * 2);
  for (let row = 0; row < count; row++) {
    words[row * 2] = row;
    words[row * 2 + 1] = beginningOf(rows, row);
  }
  new BigUint64Array(words.buffer).sort();
  let last = -1;
  const add = (row: number): void => {
    const at = row * ROW_WORDS;
    if (last >= 0 && compareRows(rows, last, at) === 0) return;
    writer.add(rows, at);
    last = at;
  };
  for (let from = 0; from < count; ) {
    let to = from + 1;
    while (to < count && words[to * 2 + 1] === words[from * 2 + 1]) to++;
    if (to === from + 1) add(words[from * 2] as number);
    else {
      const equal = Array.from({ length: to - from }, (_, number) => words[(from + number) * 2] as number);
      for (const row of equal.toSorted((a, b) => compareRows(rows, a * ROW_WORDS, b * ROW_WORDS))) add(row);
    }
    from = to;
  }
}

/** The second byte of the MAC, which is the first that differs in a partition, and three of the bytes that are compared next. */
function beginningOf(rows: Uint32Array, row: number): number {
  const at = row * ROW_WORDS;
  return ((((rows[at] as number) & 255) << 24) | ((rows[at + 1] as number) >>> 8)) >>> 0;
}
