import { encodeBtreeLeaf, encodeBtreeNode, encodeBtreeRoot, type Mac } from "../format/index.ts";
import type { ByteString } from "../foundation/index.ts";
import type { RepositoryWriter } from "../repository/index.ts";
import type { BtreeShape } from "./btree.ts";
import { PairList, type SortedPairs } from "./pair-list.ts";

/** Order 50 means at most 49 keys a node. */
const KEYS = 49;

export interface TreePair {
  readonly key: ByteString;
  readonly value: Mac;
}

/** Writes a B+tree from pairs in any order, which are sorted here; answers the root's MAC. */
export function writeTree(writer: RepositoryWriter, pairs: readonly TreePair[], shape: BtreeShape): Promise<Mac> {
  const list = new PairList();
  for (const { key, value } of pairs.toSorted((a, b) => shape.compare(a.key, b.key))) list.add(key, value, 0);
  return writeSortedTree(writer, list, shape);
}

/**
 * Writes a B+tree bottom-up from pairs that are in its order; answers the root's MAC. Leaves are chained to the right, so
 * they are stored from the last to the first.
 */
export async function writeSortedTree(writer: RepositoryWriter, pairs: SortedPairs, shape: BtreeShape): Promise<Mac> {
  let level: { first: ByteString; mac: Mac }[] = [];
  let next: Mac | null = null;
  for (let start = Math.max(0, Math.ceil(pairs.length / KEYS) - 1) * KEYS; start >= 0; start -= KEYS) {
    const leaf = pairs.slice(start, Math.min(start + KEYS, pairs.length));
    next = writer.put(shape.nodeType, encodeBtreeLeaf(leaf, 0, leaf.keys.length, next));
    level.push({ first: leaf.keys[0] ?? ("" as ByteString), mac: next });
    await writer.breathe();
  }
  level.reverse();
  while (level.length > 1) {
    const above: typeof level = [];
    for (let start = 0; start < level.length; start += KEYS + 1) {
      const group = level.slice(start, start + KEYS + 1);
      const node = encodeBtreeNode({
        keys: group.slice(1).map(({ first }) => first),
        pointers: group.map(({ mac }) => mac),
        values: null,
        next: null,
      });
      above.push({ first: (group[0] as { first: ByteString }).first, mac: writer.put(shape.nodeType, node) });
    }
    level = above;
  }
  const root = (level[0] as { mac: Mac }).mac;
  return writer.put(shape.rootType, encodeBtreeRoot({ version: 0, order: 50, count: 0, root }));
}
