/** Values of a header by their tag (rpm's rpmtag.h): a list of strings, of numbers, or bytes. */
export type HeaderValues = ReadonlyMap<number, readonly string[] | readonly number[] | Uint8Array>;

export interface RpmHeaders {
  readonly signature: HeaderValues;
  readonly header: HeaderValues;
  /** Where the main header lies in the file. */
  readonly headerRange: { readonly start: number; readonly end: number };
}

const leadLength = 96;
const introLength = 16;
const entryLength = 16;
/** No header of a sane package is longer; bounds what damage can make us allocate. */
const longestHeaderBytes = 64 * 1024 * 1024;

/**
 * The two headers of an rpm (version 4, rpm's docs/manual/format.md): a lead of 96 bytes; the signature header, padded to
 * 8 bytes; the header; then the payload. Throws an Error on anything else.
 */
export function readRpmHeaders(file: Uint8Array): RpmHeaders {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < leadLength || view.getUint32(0) !== 0xedabeedb) throw new Error("not an rpm");
  const signature = readHeader(view, leadLength);
  const start = signature.end + ((8 - (signature.end % 8)) % 8);
  const header = readHeader(view, start);
  return { signature: signature.values, header: header.values, headerRange: { start, end: header.end } };
}

/** An intro of magic, count of entries and length of the store; entries of tag, type, offset and count; the store. */
function readHeader(view: DataView, start: number): { values: HeaderValues; end: number } {
  if (start + introLength > view.byteLength || view.getUint32(start) !== 0x8eade801) throw new Error("no rpm header");
  const count = view.getUint32(start + 8);
  const storeLength = view.getUint32(start + 12);
  const store = start + introLength + count * entryLength;
  const end = store + storeLength;
  if (end - start > longestHeaderBytes || end > view.byteLength) throw new Error("the rpm is cut short");
  const values = new Map<number, readonly string[] | readonly number[] | Uint8Array>();
  const storeView = new DataView(view.buffer, view.byteOffset + store, storeLength);
  for (let entry = start + introLength; entry < store; entry += entryLength) {
    const [tag, type, offset, length] = [0, 4, 8, 12].map((field) => view.getUint32(entry + field)) as Entry;
    values.set(tag, readValue(storeView, type, offset, length));
  }
  return { values, end };
}

type Entry = [tag: number, type: number, offset: number, count: number];

const numberReaders: Record<number, { bytes: number; read: (view: DataView, offset: number) => number }> = {
  1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  2: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  3: { bytes: 2, read: (view, offset) => view.getUint16(offset) },
  4: { bytes: 4, read: (view, offset) => view.getUint32(offset) },
  5: { bytes: 8, read: (view, offset) => Number(view.getBigUint64(offset)) },
};

const [binary, string, stringArray, translatedString] = [7, 6, 8, 9];

function readValue(
  store: DataView,
  type: number,
  offset: number,
  count: number,
): readonly string[] | number[] | Uint8Array {
  const bytes = new Uint8Array(store.buffer, store.byteOffset, store.byteLength);
  if (type === binary) return bytes.subarray(offset, requireWithin(store, offset + count));
  if (type === string || type === stringArray || type === translatedString) return readStrings(bytes, offset, count);
  const reader = numberReaders[type];
  if (reader === undefined) throw new Error(`unknown type ${type} in an rpm header`);
  requireWithin(store, offset + count * reader.bytes);
  return Array.from({ length: count }, (_, index) => reader.read(store, offset + index * reader.bytes));
}

function requireWithin(store: DataView, end: number): number {
  if (end > store.byteLength) throw new Error("a value reaches beyond the rpm header");
  return end;
}

function readStrings(bytes: Uint8Array, offset: number, count: number): string[] {
  const strings: string[] = [];
  for (let start = offset; strings.length < count; ) {
    const end = bytes.indexOf(0, start);
    if (end < 0) throw new Error("a text reaches beyond the rpm header");
    strings.push(new TextDecoder().decode(bytes.subarray(start, end)));
    start = end + 1;
  }
  return strings;
}
