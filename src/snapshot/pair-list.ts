import type { LeafPairs } from "../format/index.ts";
import type { ByteString } from "../foundation/index.ts";
import type { KeyOrder } from "./btree.ts";

/** Pairs in the order of a tree, of which there may be millions: keys may be made when they are asked for. */
export interface SortedPairs {
  readonly length: number;
  slice(start: number, end: number): LeafPairs;
}

/** Pairs of a tree: keys, and where their MACs lie, without an object for each. */
export class PairList implements SortedPairs {
  readonly keys: ByteString[] = [];
  readonly macs: Uint8Array[] = [];
  readonly macsAt: number[] = [];

  get length(): number {
    return this.keys.length;
  }

  /** The MAC begins at `at` of `macs`, which stays as it is. */
  add(key: ByteString, macs: Uint8Array, at: number): void {
    this.keys.push(key);
    this.macs.push(macs);
    this.macsAt.push(at);
  }

  slice(start: number, end: number): LeafPairs {
    const { keys, macs, macsAt } = this;
    return { keys: keys.slice(start, end), macs: macs.slice(start, end), macsAt: macsAt.slice(start, end) };
  }

  /** All pairs in the order of their keys. */
  static sorted(pairs: SortedPairs, compare: KeyOrder): PairList {
    const { keys, macs, macsAt } = pairs.slice(0, pairs.length);
    const sorted = new PairList();
    const order = [...keys.keys()].toSorted((a, b) => compare(keys[a] as ByteString, keys[b] as ByteString));
    for (const at of order) sorted.add(keys[at] as ByteString, macs[at] as Uint8Array, macsAt[at] as number);
    return sorted;
  }
}
