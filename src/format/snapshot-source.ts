import type { ByteString } from "../foundation/index.ts";
import { type Mac, zeroMac } from "./identifiers.ts";
import { KeyTable } from "./key-table.ts";
import { type KeyValue, readKeyValues, writeKeyValues } from "./key-value.ts";
import { readList, writeList } from "./lists.ts";
import type { MsgpackReader } from "./msgpack-reader.ts";
import type { MsgpackWriter } from "./msgpack-writer.ts";
import { readSummary, type VfsSummary, writeSummary } from "./summary.ts";

/** What was backed up, and the roots of the trees that hold it. */
export interface SnapshotSource {
  readonly importer: { readonly type: string; readonly origin: string; readonly directory: ByteString };
  readonly context: readonly KeyValue[] | null;
  readonly root: { readonly root: Mac; readonly xattrs: Mac; readonly errors: Mac };
  readonly indexes: readonly SnapshotIndex[];
  readonly summary: VfsSummary;
}

export interface SnapshotIndex {
  readonly name: string;
  readonly type: string;
  readonly value: Mac;
}

const keys = new KeyTable(["importer", "context", "root", "indexes", "summary"] as const);
const importerKeys = new KeyTable(["type", "origin", "directory"] as const);
const rootKeys = new KeyTable(["root", "xattrs", "errors"] as const);
const indexKeys = new KeyTable(["name", "type", "value"] as const);
/** An index is named by three keys and has a MAC; this bounds what a short header can ask for. */
const INDEX_ITEM_BYTES = 51;

export function writeSource(w: MsgpackWriter, s: SnapshotSource): void {
  const k = keys.of;
  const { type, origin, directory } = importerKeys.of;
  w.map(5).key(k.importer).map(3).key(type).text(s.importer.type).key(origin).text(s.importer.origin);
  w.key(directory).str(s.importer.directory).key(k.context);
  writeKeyValues(w, s.context);
  const { root, xattrs, errors } = rootKeys.of;
  w.key(k.root).map(3).key(root).bin(s.root.root).key(xattrs).bin(s.root.xattrs).key(errors).bin(s.root.errors);
  const i = indexKeys.of;
  writeList(w.key(k.indexes), s.indexes, (index) => {
    w.map(3).key(i.name).text(index.name).key(i.type).text(index.type).key(i.value).bin(index.value);
  });
  writeSummary(w.key(k.summary), s.summary);
}

export function readSource(r: MsgpackReader): SnapshotSource {
  const s: { -readonly [K in keyof SnapshotSource]: SnapshotSource[K] } = {
    importer: { type: "", origin: "", directory: "/" as ByteString },
    context: null,
    root: { root: zeroMac, xattrs: zeroMac, errors: zeroMac },
    indexes: [],
    summary: { directory: {}, below: {} },
  };
  r.fields(keys, (key) => {
    if (key === "importer") s.importer = readImporter(r);
    else if (key === "context") s.context = readKeyValues(r);
    else if (key === "root") s.root = readRoot(r);
    else if (key === "indexes") s.indexes = readList(r, () => readIndex(r), INDEX_ITEM_BYTES);
    else s.summary = readSummary(r);
  });
  return s;
}

function readImporter(r: MsgpackReader): SnapshotSource["importer"] {
  const i = { type: "", origin: "", directory: "/" as ByteString };
  r.fields(importerKeys, (key) => {
    if (key === "directory") i.directory = r.bytesString();
    else i[key] = r.text();
  });
  return i;
}

function readRoot(r: MsgpackReader): SnapshotSource["root"] {
  const root = { root: zeroMac, xattrs: zeroMac, errors: zeroMac };
  r.fields(rootKeys, (key) => {
    root[key] = r.mac();
  });
  return root;
}

function readIndex(r: MsgpackReader): SnapshotIndex {
  const index = { name: "", type: "", value: zeroMac };
  r.fields(indexKeys, (key) => {
    if (key === "value") index.value = r.mac();
    else index[key] = r.text();
  });
  return index;
}
