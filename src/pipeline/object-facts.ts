import type { KlosetObject } from "../format/index.ts";
import { ResourceType } from "../format/index.ts";
import type { BlobIndex } from "../repository/contract.ts";

/*
 * What a check wants to know of objects, in one array that crosses threads in one go. For each of them: its record in the
 * index, the two halves of its content's length, how many chunks it has, its MAC (8 words), the records of the chunks.
 */
const HEAD_WORDS = 4;
const MAC_WORDS = 8;
const TWO_32 = 2 ** 32;

/** Collects them while objects are opened anyway. Such as are anything but plain are left out, to be looked at closely. */
export class ObjectFactsWriter {
  readonly #index: BlobIndex;
  #words: number[] = [];

  constructor(index: BlobIndex) {
    this.#index = index;
  }

  add(record: number, mac: Uint8Array, { chunks, contentMac }: KlosetObject): void {
    const [first] = chunks;
    if (chunks.length === 1 && first && Buffer.compare(first.mac, contentMac) !== 0) return;
    const records = chunks.map((chunk) => this.#index.sole(ResourceType.chunk, chunk.mac));
    if (records.includes(-1)) return;
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const words = this.#words;
    words.push(record, length % TWO_32, Math.floor(length / TWO_32), chunks.length);
    const macWords = new Uint32Array(mac.slice().buffer);
    for (let word = 0; word < MAC_WORDS; word++) words.push(macWords[word] as number);
    for (const each of records) words.push(each);
  }

  /** All since the last time. */
  take(): Uint32Array<ArrayBuffer> {
    const taken = Uint32Array.from(this.#words);
    this.#words = [];
    return taken;
  }
}

/** What is known of one object. */
export interface KnownObject {
  readonly mac: Uint8Array;
  readonly sizeBytes: number;
  /** Records of its chunks, each of which has one place only. */
  readonly chunks: Uint32Array;
}

/** What workers have found out of objects, by their records. */
export class KnownObjects {
  readonly #batches: Uint32Array<ArrayBuffer>[] = [];
  readonly #batchOf: Uint32Array;
  readonly #placeOf: Uint32Array;

  /** `records`: how many the index has. */
  constructor(records: number) {
    this.#batchOf = new Uint32Array(records);
    this.#placeOf = new Uint32Array(records);
  }

  add(batch: Uint32Array<ArrayBuffer>): void {
    if (batch.length === 0) return;
    const number = this.#batches.push(batch);
    for (let at = 0; at < batch.length; at += HEAD_WORDS + MAC_WORDS + (batch[at + 3] as number)) {
      this.#batchOf[batch[at] as number] = number;
      this.#placeOf[batch[at] as number] = at;
    }
  }

  of(record: number): KnownObject | undefined {
    const batch = this.#batches[(this.#batchOf[record] ?? 0) - 1];
    if (!batch) return undefined;
    const at = this.#placeOf[record] as number;
    const chunks = at + HEAD_WORDS + MAC_WORDS;
    return {
      mac: new Uint8Array(batch.buffer, (at + HEAD_WORDS) * 4, MAC_WORDS * 4),
      sizeBytes: (batch[at + 1] as number) + (batch[at + 2] as number) * TWO_32,
      chunks: batch.subarray(chunks, chunks + (batch[at + 3] as number)),
    };
  }
}
