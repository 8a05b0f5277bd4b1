/** A header of the RPM file format, version 4: https://rpm-software-management.github.io/rpm/manual/format_header.html */

const magic = 0x8eade801;
const introLength = 16;
const entryLength = 16;

export interface HeaderEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly content: Uint8Array;
}

export interface Header {
  readonly entries: readonly HeaderEntry[];
  /** Where the header ends in the file. */
  readonly end: number;
}

/** The type of values that are plain bytes. */
export const binaryType = 7;

/** How far apart values of a type begin; the others are strings, which end with 0. */
const widths: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, [binaryType]: 1 };

export function readHeader(file: Buffer, start: number): Header {
  if (file.readUInt32BE(start) !== magic) throw new Error(`no rpm header at ${start}`);
  const count = file.readUInt32BE(start + 8);
  const store = start + introLength + count * entryLength;
  const end = store + file.readUInt32BE(start + 12);
  const entries = Array.from({ length: count }, (_, index) => {
    const at = start + introLength + index * entryLength;
    const [tag, type, offset, length] = [0, 4, 8, 12].map((field) => file.readUInt32BE(at + field)) as Entry;
    return { tag, type, count: length, content: valueAt(file.subarray(store + offset, end), type, length) };
  });
  return { entries, end };
}

type Entry = [tag: number, type: number, offset: number, count: number];

function valueAt(store: Uint8Array, type: number, count: number): Uint8Array {
  const width = widths[type];
  if (width !== undefined) return store.subarray(0, width * count);
  let end = 0;
  for (let strings = 0; strings < count; strings++) end = store.indexOf(0, end) + 1;
  return store.subarray(0, end);
}

/**
 * A header with all its entries in one immutable region: the region's own entry comes first, and its value, last in the
 * store, is an entry again, which says by a negative offset how many entries there are.
 */
export function writeHeader(region: number, entries: readonly HeaderEntry[]): Buffer {
  const sorted = entries.filter(({ tag }) => tag !== region).toSorted((a, b) => a.tag - b.tag);
  const values: Uint8Array[] = [];
  let length = 0;
  const append = (value: Uint8Array): void => {
    values.push(value);
    length += value.length;
  };
  const index = sorted.map(({ tag, type, count, content }) => {
    const width = widths[type] ?? 1;
    append(new Uint8Array((width - (length % width)) % width));
    const entry = words(tag, type, length, count);
    append(content);
    return entry;
  });
  const trailer = words(region, binaryType, -(sorted.length + 1) * entryLength, entryLength);
  const first = words(region, binaryType, length, entryLength);
  append(trailer);
  return Buffer.concat([words(magic, 0, sorted.length + 1, length), first, ...index, ...values]);
}

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value >>> 0, index * 4);
  return buffer;
}
