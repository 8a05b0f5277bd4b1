import { type Mac, ResourceType } from "../format/index.ts";
import { type ByteString, corrupted, count, toDisplay } from "../foundation/index.ts";
import { type Btree, directoryIndex, type SnapshotView, summaryIndex } from "../snapshot/index.ts";
import type { Blobs } from "./check-blobs.ts";

/** What the values of a tree are. */
interface Values {
  readonly type: ResourceType;
  /** For messages. */
  readonly nameOf: (key: ByteString) => string;
}

const entryValues: Values = { type: ResourceType.vfsEntry, nameOf: (path) => `the entry of ${toDisplay(path)}` };
const attributeValues: Values = { type: ResourceType.xattrEntry, nameOf: (path) => `attribute ${toDisplay(path)}` };
const summaryValues: Values = { type: ResourceType.vfsSummary, nameOf: (path) => `the summary of ${toDisplay(path)}` };

/**
 * Every node of every tree, read once, and every value a blob that is there. `items`: how many entries there must be, where
 * the directories could tell. Throws the first damage; nodes come before values, for without them those are not reached.
 */
export async function checkTrees(view: SnapshotView, blobs: Blobs, items: number | undefined): Promise<void> {
  const entries = await checkEntries(view.entries, blobs);
  if (items !== undefined && view.indexes.has(directoryIndex) && entries !== items) {
    throw corrupted(
      "tree-damaged",
      `the tree of entries has ${count(entries, "item")} where the directories have ${items}`,
    );
  }
  const failures = [await checkTree(view.attributes, blobs, attributeValues)];
  await checkTree(view.errors, blobs);
  for (const [name, tree] of view.indexes) {
    failures.push(await checkTree(tree, blobs, name === summaryIndex ? summaryValues : undefined));
  }
  for (const failure of failures) if (failure !== undefined) throw failure;
}

/** Answers how many there are. */
async function checkEntries(tree: Btree, blobs: Blobs): Promise<number> {
  let entries = 0;
  for await (const { type, mac, read } of tree.nodes()) {
    const node = await read?.();
    blobs.require(type, mac, () => "a node of a tree");
    if (!node?.values) continue;
    entries += node.values.length;
    requireValues(node.keys, node.values, blobs, entryValues);
  }
  return entries;
}

/** Throws what is wrong with a node, and answers what is wrong with the first value that is not sound. */
async function checkTree(tree: Btree, blobs: Blobs, values?: Values): Promise<unknown> {
  let failure: unknown;
  for await (const { type, mac, read } of tree.nodes()) {
    blobs.require(type, mac, () => "a node of a tree");
    const node = values && (await read?.());
    if (!values || !node?.values || failure !== undefined) continue;
    try {
      requireValues(node.keys, node.values, blobs, values);
    } catch (error) {
      failure = error;
    }
  }
  return failure;
}

function requireValues(
  keys: readonly ByteString[],
  macs: readonly Mac[],
  blobs: Blobs,
  { type, nameOf }: Values,
): void {
  for (const [at, mac] of macs.entries()) blobs.require(type, mac, () => nameOf(keys[at] as ByteString));
}
