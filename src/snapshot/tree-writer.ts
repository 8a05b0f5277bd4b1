import { encodeBtreeNode, encodeBtreeRoot, type Mac } from "../format/index.ts";
import type { ByteString } from "../foundation/index.ts";
import type { RepositoryWriter } from "../repository/index.ts";
import type { BtreeShape } from "./btree.ts";

/** Order 50 means at most 49 keys a node. */
const KEYS = 49;

export interface TreePair {
  readonly key: ByteString;
  readonly value: Mac;
}

/**
 * Writes a B+tree bottom-up from pairs, which are sorted here; answers the root's MAC. Leaves are chained to the right, so
 * they are stored from the last to the first.
 */
export async function writeTree(writer: RepositoryWriter, pairs: TreePair[], shape: BtreeShape): Promise<Mac> {
  pairs.sort((a, b) => shape.compare(a.key, b.key));
  let level: { first: ByteString; mac: Mac }[] = [];
  let next: Mac | null = null;
  for (let start = Math.max(0, Math.ceil(pairs.length / KEYS) - 1) * KEYS; start >= 0; start -= KEYS) {
    const leaf = pairs.slice(start, start + KEYS);
    const keys = leaf.map(({ key }) => key);
    const node = encodeBtreeNode({ keys, pointers: null, values: leaf.map(({ value }) => value), next });
    next = writer.put(shape.nodeType, node);
    level.push({ first: keys[0] ?? ("" as ByteString), mac: next });
    await writer.drain();
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
