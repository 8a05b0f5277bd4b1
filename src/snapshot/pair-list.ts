import type { ByteString } from "../foundation/index.ts";
import type { KeyOrder } from "./btree.ts";

/** Pairs of a tree, of which there may be millions: keys, and where their MACs lie, without an object for each. */
export class PairList {
  readonly keys: ByteString[] = [];
  readonly macs: Uint8Array[] = [];
  readonly macsAt: number[] = [];

  /** The MAC begins at `at` of `macs`, which stays as it is. */
  add(key: ByteString, macs: Uint8Array, at: number): void {
    this.keys.push(key);
    this.macs.push(macs);
    this.macsAt.push(at);
  }

  static concat(lists: readonly PairList[]): PairList {
    const [first] = lists;
    if (first && lists.length === 1) return first;
    const all = new PairList();
    for (const list of lists) list.#copyTo(all, list.keys.keys());
    return all;
  }

  sorted(compare: KeyOrder): PairList {
    const { keys } = this;
    const sorted = new PairList();
    const order = [...keys.keys()].toSorted((a, b) => compare(keys[a] as ByteString, keys[b] as ByteString));
    this.#copyTo(sorted, order);
    return sorted;
  }

  #copyTo(other: PairList, order: Iterable<number>): void {
    for (const at of order) {
      other.add(this.keys[at] as ByteString, this.macs[at] as Uint8Array, this.macsAt[at] as number);
    }
  }
}
