import type { ByteString } from "../../foundation/index.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { PaxRecords } from "./pax-records.ts";
import { BLOCK_BYTES, type SparseHeader, sparseExtents, tarDamaged } from "./tar-header.ts";

/** Data of a file with holes: what is between is zeros. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** A file that is stored without its holes. */
export interface SparseFile {
  /** With the holes. */
  readonly sizeBytes: number;
  /** In the order of the data that follows. */
  readonly extents: readonly Extent[];
  /** Of the entry's stored bytes: what the map took at their beginning. */
  readonly mapBytes: number;
  /** The real name, where the header's is made up. */
  readonly name?: ByteString;
}

const MAX_EXTENTS = 1 << 20;
/** A number of a map is at most a size. */
const MAX_DIGITS = 20;

/**
 * The map of a sparse file, or undefined for any other: the old format of GNU tar (type `S`, further maps in blocks behind
 * the header), and its formats 0.0, 0.1 and 1.0 in pax records (manual of GNU tar, "Storing Sparse Files"). Throws
 * `tar-damaged` (kind input).
 */
export async function readSparseMap(
  reader: ByteReader,
  header: { readonly type: string; readonly sizeBytes: number; readonly sparse: SparseHeader | undefined },
  records: PaxRecords,
): Promise<SparseFile | undefined> {
  if (header.type === "S" && header.sparse) return checked(await oldMap(reader, header.sparse), header.sizeBytes);
  const major = records.get("GNU.sparse.major" as ByteString);
  const name = records.get("GNU.sparse.name" as ByteString);
  const named = name === undefined ? {} : { name };
  if (major === "1") {
    const sizeBytes = numberOf(records, "GNU.sparse.realsize");
    return checked({ sizeBytes, ...(await mapBeforeData(reader, header.sizeBytes)), ...named }, header.sizeBytes);
  }
  const map = records.get("GNU.sparse.map" as ByteString);
  if (map === undefined && !records.has("GNU.sparse.size" as ByteString)) return undefined;
  if (major !== undefined && major !== "0")
    throw tarDamaged(`a sparse file is of a format that is not known (${major})`);
  const sizeBytes = numberOf(records, "GNU.sparse.size");
  return checked({ sizeBytes, extents: pairs((map ?? "").split(",")), mapBytes: 0, ...named }, header.sizeBytes);
}

/** The file with its holes, from the data that an archive holds of it; `data` gives as many bytes as are asked for. */
export async function* withHoles(
  { sizeBytes, extents }: SparseFile,
  data: (bytes: number) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const { offset, length } of extents) {
    yield* zeros(offset - at);
    yield* data(length);
    at = offset + length;
  }
  yield* zeros(sizeBytes - at);
}

const ZEROS_BYTES = 1 << 20;
let zeroBytes: Uint8Array | undefined;

function* zeros(length: number): Generator<Uint8Array> {
  zeroBytes ??= new Uint8Array(ZEROS_BYTES);
  for (let left = length; left > 0; left -= ZEROS_BYTES) yield zeroBytes.subarray(0, Math.min(left, ZEROS_BYTES));
}

/** Four extents are in the header, and where that says so, twenty-one in each block behind it. */
async function oldMap(
  reader: ByteReader,
  { extents: first, isContinued, sizeBytes }: SparseHeader,
): Promise<SparseFile> {
  const extents = [...first];
  for (let more = isContinued; more; ) {
    const block = await reader.read(BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) throw tarDamaged("it ends in the middle of a header");
    extents.push(...sparseExtents(block, 0, 21));
    more = block[504] === 1;
    requireFew(extents.length);
  }
  return { sizeBytes, extents, mapBytes: 0 };
}

/** Format 1.0: decimal numbers, each on a line, their count first, padded to whole blocks, before the data. */
async function mapBeforeData(
  reader: ByteReader,
  storedBytes: number,
): Promise<{ readonly extents: readonly Extent[]; readonly mapBytes: number }> {
  let text = "";
  let mapBytes = 0;
  let wanted = 1;
  const lines: string[] = [];
  while (lines.length < wanted) {
    const newline = text.indexOf("\n");
    if (newline < 0) {
      if (text.length > MAX_DIGITS || mapBytes + BLOCK_BYTES > storedBytes) throw wrongMap();
      const block = await reader.read(BLOCK_BYTES);
      if (block.length < BLOCK_BYTES) throw tarDamaged("it ends in the middle of a sparse file's map");
      mapBytes += BLOCK_BYTES;
      text += Buffer.from(block).toString("latin1");
      continue;
    }
    lines.push(text.slice(0, newline));
    text = text.slice(newline + 1);
    if (lines.length === 1) {
      wanted = 1 + 2 * decimal(lines[0] ?? "");
      requireFew(wanted / 2);
    }
  }
  return { extents: pairs(lines.slice(1)), mapBytes };
}

function pairs(numbers: readonly string[]): Extent[] {
  if (numbers.length === 1 && numbers[0] === "") return [];
  if (numbers.length % 2 !== 0) throw wrongMap();
  requireFew(numbers.length / 2);
  const extents: Extent[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    extents.push({ offset: decimal(numbers[at] ?? ""), length: decimal(numbers[at + 1] ?? "") });
  }
  return extents;
}

/** Extents come in order, end within the file, and are all that is stored. */
function checked(file: SparseFile, storedBytes: number): SparseFile {
  let at = 0;
  let data = 0;
  for (const { offset, length } of file.extents) {
    if (offset < at || length < 0) throw wrongMap();
    at = offset + length;
    data += length;
  }
  if (at > file.sizeBytes || file.mapBytes + data !== storedBytes) throw wrongMap();
  return file;
}

function numberOf(records: PaxRecords, key: string): number {
  return decimal(records.get(key as ByteString) ?? "");
}

function decimal(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) throw wrongMap();
  return number;
}

function requireFew(extents: number): void {
  if (extents > MAX_EXTENTS) throw tarDamaged("a sparse file has more parts than any can have");
}

function wrongMap(): Error {
  return tarDamaged("the map of a sparse file is wrong");
}
