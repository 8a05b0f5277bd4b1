import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodeBtreeNode,
  decodeBtreeRoot,
  decodeHeader,
  decodeObject,
  type Mac,
  ResourceType,
  type SnapshotHeader,
} from "../../../src/format/index.ts";
import type { ByteString } from "../../../src/foundation/index.ts";
import type { GoldenStore } from "../../support/golden-reader.ts";
import { hex } from "./samples.ts";

/** Goes through a golden store by the decoders alone. */
export class GoldenBlobs {
  readonly #contents: ReadonlyMap<string, Buffer>;
  readonly headers: readonly SnapshotHeader[];

  constructor(store: GoldenStore) {
    this.#contents = new Map(store.blobs.map(({ type, id, content }) => [`${type}:${id}`, content]));
    const headers = store.blobs.filter(({ type }) => type === ResourceType.snapshot);
    this.headers = headers
      .map(({ content }) => decodeHeader(content))
      .toSorted((a, b) => Number(a.timestampNs - b.timestampNs));
  }

  get(type: number, mac: Mac): Buffer {
    const content = this.#contents.get(`${type}:${hex(mac)}`);
    if (!content) throw new Error(`blob ${type}:${hex(mac)} is missing`);
    return content;
  }

  /** The pairs of a tree in the order of its leaves, which are reached from above; the chain must be the same. */
  pairs(rootType: number, nodeType: number, root: Mac): [ByteString, Mac][] {
    const fromAbove: string[] = [];
    const pairs: [ByteString, Mac][] = [];
    const chain: (string | undefined)[] = [];
    const visit = (mac: Mac): void => {
      const node = decodeBtreeNode(this.get(nodeType, mac));
      for (const pointer of node.pointers ?? []) visit(pointer);
      if (node.pointers) return;
      fromAbove.push(hex(mac));
      chain.push(node.next ? hex(node.next) : undefined);
      for (const [at, key] of node.keys.entries()) pairs.push([key, node.values?.[at] as Mac]);
    };
    visit(decodeBtreeRoot(this.get(rootType, root)).root);
    if (fromAbove.some((_, at) => chain[at] !== fromAbove[at + 1])) throw new Error("the leaves are chained otherwise");
    return pairs;
  }

  index(header: SnapshotHeader, name: string): [ByteString, Mac][] {
    const index = header.sources[0]?.indexes.find((each) => each.name === name);
    return this.pairs(ResourceType.btreeRoot, ResourceType.btreeNode, index?.value as Mac);
  }

  content(object: Mac): Buffer {
    const { chunks } = decodeObject(this.get(ResourceType.object, object));
    return Buffer.concat(chunks.map(({ mac }) => this.get(ResourceType.chunk, mac)));
  }
}

/** What was on disk when a golden snapshot was taken. */
export interface GoldenItem {
  readonly path: ByteString;
  readonly type: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size?: number;
  readonly sha256?: string;
  readonly mtime_ns?: bigint;
  readonly nlink?: number;
  readonly target?: ByteString;
  readonly xattrs?: Readonly<Record<string, string>>;
}

export function goldenItems(name: string): GoldenItem[] {
  const file = join(import.meta.dirname, "..", "..", "golden", `${name}.jsonl`);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  // times do not fit a double
  return lines.map((line) => JSON.parse(line.replace(/"mtime_ns": (-?\d+)/, '"mtime_ns": "$1"'), revive) as GoldenItem);
}

function revive(key: string, value: unknown): unknown {
  return key === "mtime_ns" ? BigInt(value as string) : value;
}
