import { type BtreeNode, decodeBtreeNode, decodeBtreeRoot, type Mac, ResourceType } from "../format/index.ts";
import type { ByteString } from "../foundation/index.ts";
import { corrupted, toHex } from "../foundation/index.ts";
import type { BlobReader } from "../repository/index.ts";

const CACHED_NODES = 256;
/** At 50 keys a node even a degenerate tree of 2^53 keys is flatter; deeper means a cycle. */
const MAX_DEPTH = 64;

export type KeyOrder = (a: ByteString, b: ByteString) => number;

export interface BtreeShape {
  readonly rootType: ResourceType;
  readonly nodeType: ResourceType;
  readonly compare: KeyOrder;
  /** For errors: "directory index". */
  readonly what: string;
}

/** A node, or the root, of a tree. */
export interface TreeNode {
  readonly type: ResourceType;
  readonly mac: Mac;
  /** What is in it; the root has nothing of interest. */
  readonly read: (() => Promise<BtreeNode>) | undefined;
}

interface NodePlace {
  readonly mac: Mac;
  readonly depth: number;
  /** Keys are from `low` on and below `high`, where there are bounds. */
  readonly low: ByteString | undefined;
  readonly high: ByteString | undefined;
}

/** A stored B+tree (kloset-format section 7), read node by node. Any sorted shape is accepted; disorder is damage. */
export class Btree {
  readonly #reader: BlobReader;
  /** What the tree is stored under. */
  readonly root: Mac;
  readonly #shape: BtreeShape;
  readonly #nodes: Map<string, BtreeNode> = new Map();
  #top: Mac | undefined;

  constructor(reader: BlobReader, rootMac: Mac, shape: BtreeShape) {
    this.#reader = reader;
    this.root = rootMac;
    this.#shape = shape;
  }

  /** The value of a key, or undefined. */
  async get(key: ByteString): Promise<Mac | undefined> {
    let node = await this.#node(await this.#topNode());
    for (let depth = 0; node.pointers; depth++) {
      if (depth > MAX_DEPTH) throw this.#damaged("is deeper than any tree can be");
      node = await this.#node(this.#childOf(node, this.#branch(node, key)));
    }
    const at = node.keys.indexOf(key);
    return at < 0 ? undefined : node.values?.[at];
  }

  /** All pairs from the first key that is not below `start`, in order. */
  async *scan(start?: ByteString): AsyncGenerator<{ key: ByteString; value: Mac }> {
    let from = start;
    let last: ByteString | undefined;
    const path: { node: BtreeNode; next: number }[] = [];
    let node = await this.#node(await this.#topNode());
    for (;;) {
      while (node.pointers) {
        if (path.length > MAX_DEPTH) throw this.#damaged("is deeper than any tree can be");
        const branch = from === undefined ? 0 : this.#branch(node, from);
        path.push({ node, next: branch + 1 });
        node = await this.#node(this.#childOf(node, branch));
      }
      // a tree of empty leaves, each under many branches, would have no end
      if (node.keys.length === 0 && path.length > 0) throw this.#damaged("has an empty leaf");
      for (const [at, key] of node.keys.entries()) {
        if (last !== undefined && this.#shape.compare(last, key) >= 0) throw this.#damaged("is out of order");
        last = key;
        if (from !== undefined && this.#shape.compare(key, from) < 0) continue;
        const value = node.values?.[at];
        if (!value) throw this.#damaged("has a key without a value");
        yield { key, value };
      }
      while (path.length > 0 && (path.at(-1)?.next ?? 0) >= (path.at(-1)?.node.pointers?.length ?? 0)) path.pop();
      const step = path.at(-1);
      if (!step) return;
      node = await this.#node(this.#childOf(step.node, step.next++));
      from = undefined; // everything right of the first leaf is above it
    }
  }

  /**
   * The root and every node, for `check`, in the order of their keys: each once, because no two places can hold the same keys.
   */
  async *nodes(): AsyncGenerator<TreeNode> {
    yield { type: this.#shape.rootType, mac: this.root, read: undefined };
    const waiting: NodePlace[] = [{ mac: await this.#topNode(), depth: 0, low: undefined, high: undefined }];
    for (let place = waiting.pop(); place; place = waiting.pop()) {
      const { mac, depth, low, high } = place;
      if (depth > MAX_DEPTH) throw this.#damaged("is deeper than any tree can be");
      let read: Promise<BtreeNode> | undefined;
      yield { type: this.#shape.nodeType, mac, read: () => (read ??= this.#node(mac)) };
      const node = await (read ?? this.#node(mac));
      this.#requireKeysWithin(node, place);
      const { pointers, keys } = node;
      for (let at = (pointers?.length ?? 0) - 1; at >= 0; at--) {
        const pointer = pointers?.[at] as Mac;
        waiting.push({ mac: pointer, depth: depth + 1, low: keys[at - 1] ?? low, high: keys[at] ?? high });
      }
    }
  }

  /**
   * MACs of the root and of every node of a tree that writeTree wrote, all of whose leaves are at one depth: the leaves
   * themselves are not read, for which there may be nothing to do but to refer to them again.
   */
  async *writtenNodes(): AsyncGenerator<{ type: ResourceType; mac: Mac }> {
    const { rootType, nodeType } = this.#shape;
    yield { type: rootType, mac: this.root };
    let level: readonly Mac[] = [await this.#topNode()];
    for (let depth = 0; level.length > 0; depth++) {
      if (depth > MAX_DEPTH) throw this.#damaged("is deeper than any tree can be");
      for (const mac of level) yield { type: nodeType, mac };
      const first = await this.#node(level[0] as Mac);
      if (!first.pointers) return;
      const below: Mac[] = [];
      for (const mac of level) {
        const { pointers } = await this.#node(mac);
        if (!pointers) throw this.#damaged("has leaves at several depths");
        below.push(...pointers);
      }
      level = below;
    }
  }

  /** Without this a few nodes that refer to each other many times over would be as many as 2^64. */
  #requireKeysWithin({ keys, pointers }: BtreeNode, { low, high, depth }: NodePlace): void {
    if (keys.length === 0 && !pointers && depth > 0) throw this.#damaged("has an empty leaf");
    const { compare } = this.#shape;
    let last = low;
    for (const [at, key] of keys.entries()) {
      const order = last === undefined ? -1 : compare(last, key);
      // the first key may be that of the branch, which goes right
      if (order > 0 || (order === 0 && (at > 0 || pointers))) throw this.#damaged("is out of order");
      last = key;
    }
    if (high !== undefined && last !== undefined && compare(last, high) >= 0) throw this.#damaged("is out of order");
  }

  async #topNode(): Promise<Mac> {
    if (this.#top) return this.#top;
    const { rootType, what } = this.#shape;
    this.#top = decodeBtreeRoot(await this.#reader.read(rootType, this.root, what)).root;
    return this.#top;
  }

  /** The child that may hold `key`: an equal separator goes right. */
  #branch(node: BtreeNode, key: ByteString): number {
    let low = 0;
    let high = node.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#shape.compare(node.keys[middle] as ByteString, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #childOf(node: BtreeNode, at: number): Mac {
    const child = node.pointers?.[at];
    if (!child) throw this.#damaged("has a branch that leads nowhere");
    return child;
  }

  async #node(mac: Mac): Promise<BtreeNode> {
    const key = toHex(mac);
    const known = this.#nodes.get(key);
    if (known) return known;
    const node = await this.#reader.decode(this.#shape.nodeType, mac, () => this.#shape.what, decodeBtreeNode);
    if (this.#nodes.size >= CACHED_NODES) this.#nodes.clear();
    this.#nodes.set(key, node);
    return node;
  }

  #damaged(how: string): Error {
    return corrupted("tree-damaged", `the ${this.#shape.what} ${how}`);
  }
}
