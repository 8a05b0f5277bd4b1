import { type LeafPairs, MAC_BYTES, type Mac } from "../format/index.ts";
import { type ByteString, joinPath } from "../foundation/index.ts";
import type { SortedPairs } from "./pair-list.ts";

const FIRST_PLACES = 1024;

/** A directory whose entries and listing are stored: what the trees say of it and of its children, by name. */
export interface DirectoryRecord {
  readonly path: ByteString;
  readonly names: readonly ByteString[];
  /** MACs of the children's entries, one behind the other. */
  readonly macs: Uint8Array;
  /** Types of content without parameters; undefined of directories. */
  readonly types: readonly (ByteString | undefined)[];
  readonly listing: Mac;
}

/**
 * Pairs of entries in a tree's order, by their places in the records of their directories: eight bytes each. Their keys, which
 * would be most of the memory of a large backup, are made leaf by leaf.
 */
export class RecordPairs implements SortedPairs {
  /** Before each path. */
  readonly #head: ByteString;
  readonly #records: DirectoryRecord[] = [];
  /** Number of the record, and place in it. */
  #places: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_PLACES * 2);
  length = 0;

  constructor(head: ByteString = "" as ByteString) {
    this.#head = head;
  }

  add(record: DirectoryRecord, at: number): void {
    const records = this.#records;
    if (records.at(-1) !== record) records.push(record);
    const place = this.length * 2;
    if (place === this.#places.length) {
      const larger = new Uint32Array(place * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places[place] = records.length - 1;
    this.#places[place + 1] = at;
    this.length++;
  }

  slice(start: number, end: number): LeafPairs {
    const pairs = { keys: [] as ByteString[], macs: [] as Uint8Array[], macsAt: [] as number[] };
    for (let place = start * 2; place < end * 2; place += 2) {
      const record = this.#records[this.#places[place] as number] as DirectoryRecord;
      const at = this.#places[place + 1] as number;
      pairs.keys.push(`${this.#head}${joinPath(record.path, record.names[at] as ByteString)}` as ByteString);
      pairs.macs.push(record.macs);
      pairs.macsAt.push(at * MAC_BYTES);
    }
    return pairs;
  }
}

/** Several lists of pairs, one behind the other. */
export class PairSequence implements SortedPairs {
  readonly #lists: readonly SortedPairs[];
  readonly length: number;

  constructor(lists: readonly SortedPairs[]) {
    this.#lists = lists;
    this.length = lists.reduce((sum, list) => sum + list.length, 0);
  }

  slice(start: number, end: number): LeafPairs {
    const pairs = { keys: [] as ByteString[], macs: [] as Uint8Array[], macsAt: [] as number[] };
    let before = 0;
    for (const list of this.#lists) {
      const from = Math.max(start - before, 0);
      const to = Math.min(end - before, list.length);
      before += list.length;
      if (from >= to) continue;
      const { keys, macs, macsAt } = list.slice(from, to);
      // one by one: there may be more than a call takes arguments
      for (const [at, key] of keys.entries()) {
        pairs.keys.push(key);
        pairs.macs.push(macs[at] as Uint8Array);
        pairs.macsAt.push(macsAt[at] as number);
      }
    }
    return pairs;
  }
}
