import { closeSync, fstatSync, openSync } from "node:fs";
import { equalBytes, PlakarError } from "../foundation/index.ts";
import { LocalMac } from "../sealing/index.ts";
import {
  type BaseFacts,
  BLOCK_BLOBS,
  BLOCK_BYTES,
  BLOCK_SHIFT,
  BLOCK_WORDS,
  blockCount,
  blockMac,
  FAN_OUT_BYTES,
  KEY_WORDS,
  LARGE_MARK,
  MAC_BYTES,
  PLACE_BYTES,
  PLACES_AT,
  PREFIXES,
  tailBytes,
  tailMac,
} from "./blob-base-layout.ts";
import { lastWordAt, prefixAt, wordAt } from "./blob-record.ts";
import { isRead, readFully } from "./read-fully.ts";

const SOUND = 1;
const DAMAGED = 2;
const TWO_32 = 2 ** 32;

/** What another thread needs to look up in a base: shared memory, and the number of the file that it comes from. */
export interface SharedBlobBase {
  readonly facts: BaseFacts;
  readonly memory: SharedArrayBuffer;
  /** One byte a block: 0 where it was not read yet. One more says whether any is damaged. */
  readonly blocks: SharedArrayBuffer;
  readonly tail: SharedArrayBuffer;
  /** Of the open file; below 0 when all is in memory. */
  readonly descriptor: number;
  readonly key: Uint8Array;
}

/**
 * Most of an index: blobs in order, in shared memory that is filled block by block when somebody looks there for the first
 * time. Opening takes no longer for ten million blobs than for a hundred thousand, and no memory that is not looked at. A block
 * has its MAC, which is compared before anybody sees it; what was seen does not change if the file does.
 */
export class BlobBase {
  readonly #shared: SharedBlobBase;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #blocks: Uint8Array;
  readonly #fanOut: Uint32Array;
  readonly #mac: LocalMac;
  #isClosed = false;
  /** What was read and not yet verified. */
  #room: Uint8Array | undefined;

  constructor(shared: SharedBlobBase) {
    this.#shared = shared;
    this.#bytes = new Uint8Array(shared.memory);
    this.#words = new Uint32Array(shared.memory);
    this.#blocks = new Uint8Array(shared.blocks);
    this.#fanOut = new Uint32Array(shared.tail, 0, PREFIXES + 1);
    this.#mac = new LocalMac(shared.key);
  }

  /** Undefined when the file is not the one that is meant. Throws what the system says. */
  static open(path: string, facts: BaseFacts, key: Uint8Array): BlobBase | undefined {
    const descriptor = openSync(path, "r");
    const base = BlobBase.fromDescriptor(descriptor, facts, key);
    if (!base) closeSync(descriptor);
    return base;
  }

  /** As `open`, of a file that is open already, and is the base's from then on. */
  static fromDescriptor(descriptor: number, facts: BaseFacts, key: Uint8Array): BlobBase | undefined {
    const blocks = blockCount(facts.count);
    const size = tailBytes(facts);
    if (fstatSync(descriptor).size !== blocks * BLOCK_BYTES + size) return undefined;
    const tail = new SharedArrayBuffer(size);
    const bytes = new Uint8Array(tail);
    if (!readFully(descriptor, bytes, blocks * BLOCK_BYTES)) return undefined;
    if (tailMac(new LocalMac(key), facts.count, bytes) !== facts.mac) return undefined;
    const memory = new SharedArrayBuffer(blocks * BLOCK_BYTES);
    return new BlobBase({ facts, memory, blocks: new SharedArrayBuffer(blocks + 1), tail, descriptor, key });
  }

  get facts(): BaseFacts {
    return this.#shared.facts;
  }

  get count(): number {
    return this.#shared.facts.count;
  }

  /** Whether any thread has met damage. */
  get isDamaged(): boolean {
    return this.#blocks[this.#blocks.length - 1] === DAMAGED;
  }

  share(): SharedBlobBase {
    return this.#shared;
  }

  /** Closes the file. Nobody may look up any more. */
  close(): void {
    if (this.#shared.descriptor >= 0 && !this.#isClosed) closeSync(this.#shared.descriptor);
    this.#isClosed = true;
  }

  /** The first record of a blob, those behind it are in order; below 0 when there is none. Fails with `cache-damaged`. */
  find(type: number, mac: Uint8Array, at = 0): number {
    const prefix = prefixAt(mac, at);
    const end = this.#fanOut[prefix + 1] as number;
    let low = this.#fanOut[prefix] as number;
    if (low === end) return -1;
    const a = wordAt(mac, at + 2);
    const b = wordAt(mac, at + 6);
    const c = wordAt(mac, at + 10);
    const d = lastWordAt(mac, at + 14, type);
    // MACs are evenly spread: it is near to where it should be. Steps that double enclose it, whoever chose the MACs.
    let high = end;
    let guess = low + Math.floor((a / TWO_32) * (end - low));
    if (this.#isBefore(guess, a, b, c, d)) {
      for (let step = 1; ; step *= 2) {
        low = guess + 1;
        guess += step;
        if (guess >= end) break;
        if (!this.#isBefore(guess, a, b, c, d)) {
          high = guess;
          break;
        }
      }
    } else {
      for (let step = 1; ; step *= 2) {
        high = guess;
        guess -= step;
        if (guess < low) break;
        if (this.#isBefore(guess, a, b, c, d)) {
          low = guess + 1;
          break;
        }
      }
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isBefore(middle, a, b, c, d)) low = middle + 1;
      else high = middle;
    }
    return low < end && this.#isKey(low, a, b, c, d) ? low : -1;
  }

  /** Whether the record behind this one is of the same blob. */
  hasNext(record: number): boolean {
    const next = record + 1;
    if (next >= this.count) return false;
    const from = this.#keyAt(record);
    const to = this.#keyAt(next);
    for (let word = 0; word < KEY_WORDS; word++) if (this.#words[from + word] !== this.#words[to + word]) return false;
    // the prefix is no part of the key
    const prefix = this.prefixOf(record);
    return next < (this.#fanOut[prefix + 1] as number);
  }

  packOf(record: number): number {
    const at = this.#placeAt(record);
    const bytes = this.#bytes;
    return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  }

  offsetOf(record: number): number {
    const at = this.#placeAt(record);
    const offset = wordAt(this.#bytes, at + 3);
    return this.#smallLength(at) === LARGE_MARK ? this.#large(offset * 2) : offset;
  }

  lengthOf(record: number): number {
    const at = this.#placeAt(record);
    const length = this.#smallLength(at);
    return length === LARGE_MARK ? this.#large(wordAt(this.#bytes, at + 3) * 2 + 1) : length;
  }

  typeOf(record: number): number {
    return (this.#words[this.#keyAt(record) + 3] as number) >>> 24;
  }

  /** Whether a record's MAC begins as `mac` does. */
  isMacOf(record: number, mac: Uint8Array): boolean {
    const prefix = prefixAt(mac, 0);
    if (record < (this.#fanOut[prefix] as number) || record >= (this.#fanOut[prefix + 1] as number)) return false;
    const type = this.typeOf(record);
    return this.#isKey(record, wordAt(mac, 2), wordAt(mac, 6), wordAt(mac, 10), lastWordAt(mac, 14, type));
  }

  /** The first record of those whose MACs begin with these two bytes, or would. */
  firstOf(prefix: number): number {
    return this.#fanOut[prefix] as number;
  }

  /** The first two bytes of a record's MAC. */
  prefixOf(record: number): number {
    let low = 0;
    let high = PREFIXES;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#fanOut[middle] as number) <= record) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Writes a record as a row (blob-record.ts) at word `to`; `prefix` is that of its MAC. */
  copyRow(record: number, prefix: number, rows: Uint32Array, to: number): void {
    const key = this.#keyAt(record);
    rows[to] = prefix;
    for (let word = 0; word < KEY_WORDS; word++) rows[to + 1 + word] = this.#words[key + word] as number;
    const offset = this.offsetOf(record);
    rows[to + 5] = this.packOf(record) | (Math.floor(offset / TWO_32) << 24);
    rows[to + 6] = offset % TWO_32;
    rows[to + 7] = this.lengthOf(record);
  }

  #large(number: number): number {
    const { facts, tail } = this.#shared;
    return new DataView(tail).getFloat64(FAN_OUT_BYTES + blockCount(facts.count) * MAC_BYTES + number * 8, true);
  }

  #smallLength(at: number): number {
    const bytes = this.#bytes;
    return (bytes[at + 7] as number) | ((bytes[at + 8] as number) << 8) | ((bytes[at + 9] as number) << 16);
  }

  #isBefore(record: number, a: number, b: number, c: number, d: number): boolean {
    const at = this.#keyAt(record);
    const words = this.#words;
    const first = words[at] as number;
    if (first !== a) return first < a;
    const second = words[at + 1] as number;
    if (second !== b) return second < b;
    const third = words[at + 2] as number;
    return third === c ? (words[at + 3] as number) < d : third < c;
  }

  #isKey(record: number, a: number, b: number, c: number, d: number): boolean {
    const at = this.#keyAt(record);
    const words = this.#words;
    return words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d;
  }

  /** Which word the key of a record begins at. */
  #keyAt(record: number): number {
    const block = this.#sound(record);
    return block * BLOCK_WORDS + (record & (BLOCK_BLOBS - 1)) * KEY_WORDS;
  }

  /** Which byte the place of a record begins at. */
  #placeAt(record: number): number {
    const block = this.#sound(record);
    return block * BLOCK_BYTES + PLACES_AT + (record & (BLOCK_BLOBS - 1)) * PLACE_BYTES;
  }

  /** The block of a record, which is in memory from now on. */
  #sound(record: number): number {
    const block = record >>> BLOCK_SHIFT;
    if (Atomics.load(this.#blocks, block) !== SOUND) this.#read(block);
    return block;
  }

  /** Two threads may do the same at once: both write the same bytes, which have been verified. */
  #read(block: number): void {
    const { descriptor, tail } = this.#shared;
    const bytes = (this.#room ??= new Uint8Array(BLOCK_BYTES));
    const mac = new Uint8Array(tail, FAN_OUT_BYTES + block * MAC_BYTES, MAC_BYTES);
    const isKnown = this.#blocks[block] === DAMAGED;
    if (
      isKnown ||
      !isRead(descriptor, bytes, block * BLOCK_BYTES) ||
      !equalBytes(blockMac(this.#mac, block, bytes), mac)
    ) {
      Atomics.store(this.#blocks, block, DAMAGED);
      Atomics.store(this.#blocks, this.#blocks.length - 1, DAMAGED);
      throw cacheDamaged();
    }
    this.#bytes.set(bytes, block * BLOCK_BYTES);
    Atomics.store(this.#blocks, block, SOUND);
  }
}

function cacheDamaged(): PlakarError {
  return new PlakarError("cache-damaged", "the cache of what the store holds is damaged", {
    kind: "unavailable",
    retry: "now",
    advice: "It is thrown away: run the command again, and it is made anew. Damage of files hints at a failing disk.",
  });
}
