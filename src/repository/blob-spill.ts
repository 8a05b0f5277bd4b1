import { ROW_BYTES, ROW_WORDS, writeRow } from "./blob-record.ts";
import type { BlobTable } from "./blob-table.ts";
import { ScratchFile } from "./scratch-file.ts";

/** By the first byte of the MAC. */
export const PARTITIONS = 256;
/** 16 KiB each: 4 MiB for all. */
const BUFFERED_ROWS = 512;
const BUFFER_WORDS = BUFFERED_ROWS * ROW_WORDS;

/** Full buffers of one partition: in memory, or where in the file. */
type Part = number | Uint32Array<ArrayBuffer>;

/**
 * Places of blobs that are too many for a table, on their way to a base: partitioned, so that each partition can be put in
 * order by itself, and kept in a file as long as one can be written.
 */
export class BlobSpill {
  readonly #directory: string | undefined;
  readonly #buffers: Map<number, Uint32Array<ArrayBuffer>> = new Map();
  readonly #used = new Int32Array(PARTITIONS);
  readonly #parts: Part[][] = Array.from({ length: PARTITIONS }, () => []);
  #file: ScratchFile | undefined;
  #isInMemory: boolean;
  count = 0;

  /** `directory`: for its file; undefined keeps all in memory. */
  constructor(directory: string | undefined) {
    this.#directory = directory;
    this.#isInMemory = directory === undefined;
  }

  /** Adds a place; the MAC is read at `at` of `mac`. */
  add(type: number, mac: Uint8Array, at: number, pack: number, offset: number, length: number): void {
    const partition = mac[at] as number;
    const buffer = this.#bufferOf(partition);
    const used = this.#used[partition] as number;
    writeRow(buffer, used, mac, at, { type, pack, offset, length });
    this.#used[partition] = used + ROW_WORDS;
    this.count++;
    if (used + ROW_WORDS === BUFFER_WORDS) this.#putAway(partition, buffer);
  }

  /** Adds what a table holds. */
  addTable(table: BlobTable): void {
    const bytes = table.recordBytes();
    for (let record = 0; record < table.count; record++) {
      const type = table.typeOf(record);
      if (type === 0) continue;
      const { pack, offset, length } = table.location(record);
      this.add(type, bytes, table.macAt(record), pack, offset, length);
    }
  }

  /** Adds what another one holds, which is empty and closed then. */
  takeOver(other: BlobSpill): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const rows = new Uint32Array(other.rowsOf(partition) * ROW_WORDS);
      other.take(partition, rows, 0);
      for (let at = 0; at < rows.length; ) {
        const buffer = this.#bufferOf(partition);
        const used = this.#used[partition] as number;
        const some = rows.subarray(at, at + BUFFER_WORDS - used);
        buffer.set(some, used);
        at += some.length;
        this.#used[partition] = used + some.length;
        if (used + some.length === BUFFER_WORDS) this.#putAway(partition, buffer);
      }
    }
    this.count += other.count;
    other.close();
  }

  /** How many rows a partition has. */
  rowsOf(partition: number): number {
    return (this.#parts[partition] as Part[]).length * BUFFERED_ROWS + (this.#used[partition] as number) / ROW_WORDS;
  }

  /** Hands over a partition's rows: copies them to word `to`, and gives their memory up. */
  take(partition: number, rows: Uint32Array<ArrayBuffer>, to: number): void {
    let at = to;
    const parts = this.#parts[partition] as Part[];
    for (const part of parts) {
      if (typeof part === "number")
        this.#file?.read(new Uint8Array(rows.buffer, at * 4, BUFFERED_ROWS * ROW_BYTES), part);
      else rows.set(part, at);
      at += BUFFER_WORDS;
    }
    const buffer = this.#buffers.get(partition);
    if (buffer) rows.set(buffer.subarray(0, this.#used[partition]), at);
    if (this.#isInMemory) parts.length = 0;
    this.#buffers.delete(partition);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #bufferOf(partition: number): Uint32Array<ArrayBuffer> {
    let buffer = this.#buffers.get(partition);
    if (!buffer) this.#buffers.set(partition, (buffer = new Uint32Array(BUFFER_WORDS)));
    return buffer;
  }

  #putAway(partition: number, buffer: Uint32Array<ArrayBuffer>): void {
    const parts = this.#parts[partition] as Part[];
    this.#used[partition] = 0;
    const position = this.#isInMemory ? undefined : this.#write(buffer);
    if (position !== undefined) {
      parts.push(position);
      return;
    }
    parts.push(buffer);
    this.#buffers.delete(partition);
  }

  /** undefined where no more can be written: from then on memory has to do. */
  #write(buffer: Uint32Array<ArrayBuffer>): number | undefined {
    try {
      this.#file ??= ScratchFile.make(this.#directory);
      const position = this.#file?.append(new Uint8Array(buffer.buffer));
      this.#isInMemory = position === undefined;
      return position;
    } catch {
      this.#isInMemory = true;
      return undefined;
    }
  }
}
