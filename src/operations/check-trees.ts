import { type Mac, ResourceType } from "../format/index.ts";
import { type ByteString, corrupted, count, toDisplay, toHex } from "../foundation/index.ts";
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

/** Looks at the trees of snapshots; at one that several share, once. */
export class TreeChecker {
  readonly #blobs: Blobs;
  /** Trees that are sound, by their kind and root, and how many entries those of entries have. */
  readonly #sound: Map<string, number> = new Map();

  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  /**
   * Every node of every tree, read once, and every value a blob that is there. `items`: how many entries there must be, where
   * the directories could tell. Throws the first damage; nodes come before values, for without them those are not reached.
   */
  async check(view: SnapshotView, items: number | undefined): Promise<void> {
    const entries = await this.#entries(view.entries);
    if (items !== undefined && view.indexes.has(directoryIndex) && entries !== items) {
      throw corrupted(
        "tree-damaged",
        `the tree of entries has ${count(entries, "item")} where the directories have ${items}`,
      );
    }
    const failures = [await this.#tree("attributes", view.attributes, attributeValues)];
    await this.#tree("errors", view.errors);
    for (const [name, tree] of view.indexes) {
      failures.push(await this.#tree(name, tree, name === summaryIndex ? summaryValues : undefined));
    }
    for (const failure of failures) if (failure !== undefined) throw failure;
  }

  /** Answers how many there are. */
  async #entries(tree: Btree): Promise<number> {
    const key = `entries ${toHex(tree.root)}`;
    const known = this.#sound.get(key);
    if (known !== undefined) return known;
    let entries = 0;
    for await (const { type, mac, read } of tree.nodes()) {
      const node = await read?.();
      this.#blobs.require(type, mac, () => "a node of a tree");
      if (!node?.values) continue;
      entries += node.values.length;
      requireValues(node.keys, node.values, this.#blobs, entryValues);
    }
    this.#sound.set(key, entries);
    return entries;
  }

  /** Throws what is wrong with a node, and answers what is wrong with the first value that is not sound. */
  async #tree(name: string, tree: Btree, values?: Values): Promise<unknown> {
    const key = `${name} ${toHex(tree.root)}`;
    if (this.#sound.has(key)) return undefined;
    let failure: unknown;
    for await (const { type, mac, read } of tree.nodes()) {
      this.#blobs.require(type, mac, () => "a node of a tree");
      const node = values && (await read?.());
      if (!values || !node?.values || failure !== undefined) continue;
      try {
        requireValues(node.keys, node.values, this.#blobs, values);
      } catch (error) {
        failure = error;
      }
    }
    if (failure === undefined) this.#sound.set(key, 0);
    return failure;
  }
}

function requireValues(
  keys: readonly ByteString[],
  macs: readonly Mac[],
  blobs: Blobs,
  { type, nameOf }: Values,
): void {
  for (const [at, mac] of macs.entries()) blobs.require(type, mac, () => nameOf(keys[at] as ByteString));
}
