import { type Mac, zeroMac } from "./identifiers.ts";
import { KeyTable } from "./key-table.ts";
import { type KeyValue, readKeyValues, writeKeyValues } from "./key-value.ts";
import { readList, readListOrNull, writeList } from "./lists.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { type MsgpackWriter, startWriting } from "./msgpack-writer.ts";
import { readSource, type SnapshotSource, writeSource } from "./snapshot-source.ts";
import { knownVersion } from "./version.ts";

/** What a snapshot says of itself (kloset-format section 7). Lists are null, or nilList, where Go has a nil slice. */
export interface SnapshotHeader {
  readonly version: number;
  readonly identifier: Mac;
  readonly timestampNs: bigint;
  readonly durationNs: bigint;
  /** Zeros and null where nobody signed. */
  readonly identity: { readonly identifier: Uint8Array; readonly publicKey: Uint8Array | null };
  readonly name: string;
  readonly category: string;
  readonly environment: string;
  readonly perimeter: string;
  readonly job: string;
  readonly replicas: number;
  readonly dataset: string;
  readonly dataClasses: readonly string[] | null;
  readonly classifications: readonly Classification[] | null;
  readonly tags: readonly string[] | null;
  readonly context: readonly KeyValue[] | null;
  readonly sources: readonly SnapshotSource[];
  /** Keys that this version does not know, at any depth: such a header must not be encoded again. */
  readonly unknownKeys?: readonly string[];
  /** Headers of before 2026-05 lack `dataset` and `data_classes`. */
  readonly lacksDataset?: boolean;
}

export interface Classification {
  readonly analyzer: string;
  readonly classes: readonly { readonly name: string; readonly probability: number }[];
}

const keys = new KeyTable([
  "version",
  "identifier",
  "timestamp",
  "duration",
  "identity",
  "name",
  "category",
  "environment",
  "perimeter",
  "job",
  "replicas",
  "dataset",
  "data_classes",
  "classifications",
  "tags",
  "context",
  "sources",
] as const);
const identityKeys = new KeyTable(["identifier", "public_key"] as const);
const classificationKeys = new KeyTable(["analyzer", "classes"] as const);
const classKeys = new KeyTable(["name", "probability"] as const);
/** The least that an item takes bounds what a short header can ask for. */
const CLASSIFICATION_BYTES = 20;
const CLASS_BYTES = 20;
/** A source has three roots at least. */
const SOURCE_BYTES = 128;
const UUID_BYTES = 16;
const what = "a snapshot's header";

export function encodeHeader(h: SnapshotHeader): Uint8Array<ArrayBuffer> {
  const k = keys.of;
  const w = startWriting().map(h.lacksDataset ? 15 : 17);
  w.key(k.version).u32(h.version).key(k.identifier).bin(h.identifier).key(k.timestamp).time(h.timestampNs);
  w.key(k.duration).i64(h.durationNs).key(k.identity);
  writeIdentity(w, h.identity);
  w.key(k.name).text(h.name).key(k.category).text(h.category).key(k.environment).text(h.environment);
  w.key(k.perimeter).text(h.perimeter).key(k.job).text(h.job).key(k.replicas).u32(h.replicas);
  if (!h.lacksDataset) {
    w.key(k.dataset).text(h.dataset);
    writeList(w.key(k.data_classes), h.dataClasses, (value) => w.text(value));
  }
  writeList(w.key(k.classifications), h.classifications, (item) => writeClassification(w, item));
  writeList(w.key(k.tags), h.tags, (tag) => w.text(tag));
  writeKeyValues(w.key(k.context), h.context);
  writeList(w.key(k.sources), h.sources, (source) => writeSource(w, source));
  return w.take();
}

function writeIdentity(w: MsgpackWriter, { identifier, publicKey }: SnapshotHeader["identity"]): void {
  w.map(2).key(identityKeys.of.identifier).bin(identifier).key(identityKeys.of.public_key);
  if (publicKey) w.bin(publicKey);
  else w.nil();
}

function writeClassification(w: MsgpackWriter, { analyzer, classes }: Classification): void {
  w.map(2).key(classificationKeys.of.analyzer).text(analyzer).key(classificationKeys.of.classes);
  writeList(w, classes, ({ name, probability }) => {
    w.map(2).key(classKeys.of.name).text(name).key(classKeys.of.probability).f64(probability);
  });
}

export function decodeHeader(bytes: Uint8Array): SnapshotHeader {
  const r = new MsgpackReader(bytes, what);
  const h = emptyHeader();
  r.fields(keys, (key) => readField(r, h, key));
  const { unknownKeys } = r;
  return { ...h, ...(unknownKeys.length > 0 && { unknownKeys }) };
}

type Draft = { -readonly [K in keyof SnapshotHeader]: SnapshotHeader[K] };

function emptyHeader(): Draft {
  return {
    version: 0,
    identifier: zeroMac,
    timestampNs: 0n,
    durationNs: 0n,
    identity: { identifier: new Uint8Array(UUID_BYTES), publicKey: null },
    name: "",
    category: "",
    environment: "",
    perimeter: "",
    job: "",
    replicas: 0,
    dataset: "",
    dataClasses: null,
    classifications: null,
    tags: null,
    context: null,
    sources: [],
    lacksDataset: true,
  };
}

function readField(r: MsgpackReader, h: Draft, key: (typeof keys.names)[number]): void {
  if (key === "version") h.version = knownVersion(r.u32(), what);
  else if (key === "identifier") h.identifier = r.mac();
  else if (key === "timestamp") h.timestampNs = r.time();
  else if (key === "duration") h.durationNs = r.i64();
  else if (key === "identity") h.identity = readIdentity(r);
  else if (key === "replicas") h.replicas = r.u32();
  else if (key === "dataset") {
    h.dataset = r.text();
    h.lacksDataset = false;
  } else if (key === "data_classes") h.dataClasses = readListOrNull(r, () => r.text(), 1);
  else if (key === "classifications") {
    h.classifications = readListOrNull(r, () => readClassification(r), CLASSIFICATION_BYTES);
  } else if (key === "tags") h.tags = readListOrNull(r, () => r.text(), 1);
  else if (key === "context") h.context = readKeyValues(r);
  else if (key === "sources") h.sources = readList(r, () => readSource(r), SOURCE_BYTES);
  else h[key] = r.text();
}

function readIdentity(r: MsgpackReader): SnapshotHeader["identity"] {
  const identity = { identifier: new Uint8Array(UUID_BYTES) as Uint8Array, publicKey: null as Uint8Array | null };
  r.fields(identityKeys, (key) => {
    if (key === "identifier") identity.identifier = r.binOf(UUID_BYTES);
    else identity.publicKey = r.nil() ? null : r.bin();
  });
  return identity;
}

function readClassification(r: MsgpackReader): Classification {
  const c = { analyzer: "", classes: [] as Classification["classes"] };
  r.fields(classificationKeys, (key) => {
    if (key === "analyzer") c.analyzer = r.text();
    else c.classes = readList(r, () => readClass(r), CLASS_BYTES);
  });
  return c;
}

function readClass(r: MsgpackReader): Classification["classes"][number] {
  const each = { name: "", probability: 0 };
  r.fields(classKeys, (key) => {
    if (key === "name") each.name = r.text();
    else each.probability = r.float();
  });
  return each;
}
