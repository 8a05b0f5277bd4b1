import { type ByteString, corrupted } from "../foundation/index.ts";
import { MAC_BYTES, type Mac, zeroMac } from "./identifiers.ts";
import { KeyTable } from "./key-table.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { type MsgpackWriter, startWriting } from "./msgpack-writer.ts";
import { knownVersion } from "./version.ts";

export interface BtreeRoot {
  readonly version: number;
  readonly order: number;
  readonly count: number;
  readonly root: Mac;
}

/** An inner node has one pointer more than keys; a leaf has a value for each key and no pointers. */
export interface BtreeNode {
  readonly keys: readonly ByteString[];
  readonly pointers: readonly Mac[] | null;
  readonly values: readonly Mac[] | null;
  readonly next: Mac | null;
}

const rootKeys = new KeyTable(["Version", "Order", "Count", "Root"] as const);
const nodeKeys = new KeyTable(["version", "keys", "pointers", "values", "next"] as const);
/** The least that a MAC takes in a list: its header and its bytes. */
const MAC_ITEM_BYTES = 34;

export function encodeBtreeRoot(root: BtreeRoot): Uint8Array<ArrayBuffer> {
  const k = rootKeys.of;
  const w = startWriting().map(4).key(k.Version).u32(root.version).key(k.Order).int(root.order);
  return w.key(k.Count).int(root.count).key(k.Root).bin(root.root).take();
}

export function decodeBtreeRoot(bytes: Uint8Array): BtreeRoot {
  const what = "a tree's root";
  const r = new MsgpackReader(bytes, what);
  const root = { version: 0, order: 0, count: 0, root: zeroMac };
  r.fields(rootKeys, (key) => {
    if (key === "Version") root.version = knownVersion(r.u32(), what);
    else if (key === "Order") root.order = r.count();
    else if (key === "Count") root.count = r.count();
    else root.root = r.mac();
  });
  return root;
}

/** Empty lists are nil, as Go's nil slices are; an inner node with a single pointer keeps an empty list of keys. */
export function encodeBtreeNode(node: BtreeNode): Uint8Array<ArrayBuffer> {
  const k = nodeKeys.of;
  const w = startWriting()
    .map(node.next ? 5 : 4)
    .key(k.version)
    .u32(0)
    .key(k.keys);
  if (node.keys.length > 0 || node.pointers) {
    w.array(node.keys.length);
    for (const key of node.keys) w.str(key);
  } else w.nil();
  writeMacs(w.key(k.pointers), node.pointers);
  writeMacs(w.key(k.values), node.values);
  if (node.next) w.key(k.next).bin(node.next);
  return w.take();
}

/** Of many leaves: keys, and where the MAC of each begins. */
export interface LeafPairs {
  readonly keys: readonly ByteString[];
  readonly macs: readonly Uint8Array[];
  readonly macsAt: readonly number[];
}

/** encodeBtreeNode of the leaf that holds the pairs from `start` to `end`. */
export function encodeBtreeLeaf(
  { keys, macs, macsAt }: LeafPairs,
  start: number,
  end: number,
  next: Mac | null,
): Uint8Array<ArrayBuffer> {
  if (start === end) return encodeBtreeNode({ keys: [], pointers: null, values: [], next });
  const k = nodeKeys.of;
  const w = startWriting()
    .map(next ? 5 : 4)
    .key(k.version)
    .u32(0)
    .key(k.keys)
    .array(end - start);
  for (let i = start; i < end; i++) w.str(keys[i] as ByteString);
  w.key(k.pointers)
    .nil()
    .key(k.values)
    .array(end - start);
  for (let i = start; i < end; i++) w.binAt(macs[i] as Uint8Array, macsAt[i] as number, MAC_BYTES);
  if (next) w.key(k.next).bin(next);
  return w.take();
}

function writeMacs(w: MsgpackWriter, list: readonly Mac[] | null): void {
  if (!list || list.length === 0) {
    w.nil();
    return;
  }
  w.array(list.length);
  for (const mac of list) w.bin(mac);
}

/** Fails with `tree-damaged` (kind corrupted) when keys, pointers and values do not fit together. */
export function decodeBtreeNode(bytes: Uint8Array): BtreeNode {
  const what = "a tree's node";
  const r = new MsgpackReader(bytes, what);
  const node = {
    keys: [] as ByteString[],
    pointers: null as Mac[] | null,
    values: null as Mac[] | null,
    next: null as Mac | null,
  };
  r.fields(nodeKeys, (key) => {
    if (key === "version") knownVersion(r.u32(), what);
    else if (key === "keys") node.keys = r.list(() => r.bytesString(), 1);
    else if (key === "next") node.next = r.nil() ? null : r.mac();
    else node[key] = readMacs(r);
  });
  const { keys, pointers, values } = node;
  const sound = pointers ? pointers.length === keys.length + 1 : keys.length === (values?.length ?? 0);
  if (!sound) throw corrupted("tree-damaged", "a tree's node has more keys than values, or fewer");
  return node;
}

function readMacs(r: MsgpackReader): Mac[] | null {
  const macs = r.list(() => r.mac(), MAC_ITEM_BYTES);
  return macs.length === 0 ? null : macs;
}

/** Order of the trees of entries and attributes: number of slashes, then bytes. */
export function comparePaths(a: ByteString, b: ByteString): number {
  return slashes(a) - slashes(b) || compareKeys(a, b);
}

/** Byte order. */
export function compareKeys(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function slashes(path: ByteString): number {
  let count = 0;
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) count++;
  return count;
}
