import { corrupted } from "../foundation/index.ts";
import { decodeEncryption, type EncryptionConfiguration, writeEncryption } from "./config-encryption.ts";
import { KeyTable } from "./key-table.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { type MsgpackWriter, startWriting } from "./msgpack-writer.ts";

/** What CONFIG says (kloset-format section 1). `version` is the wrapper's. */
export interface StoreConfiguration {
  readonly version: number;
  readonly timestampNs: bigint;
  /** 16 bytes, a UUID. */
  readonly repositoryId: Uint8Array;
  readonly packfile: { readonly minBytes: bigint; readonly averageBytes: bigint; readonly maxBytes: bigint };
  readonly chunking: {
    readonly algorithm: string;
    readonly minBytes: number;
    readonly normalBytes: number;
    readonly maxBytes: number;
  };
  readonly hashing: { readonly algorithm: string; readonly bits: number };
  readonly compression: CompressionConfiguration | null;
  readonly encryption: EncryptionConfiguration | null;
}

/** Everything but the algorithm is kept as it stands and means nothing. */
export interface CompressionConfiguration {
  readonly algorithm: string;
  readonly level: number;
  readonly windowSize: number;
  readonly chunkSize: number;
  readonly blockSize: number;
  readonly enableCrc: boolean;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Chunks above this would need more kernel memory than a worker has. */
const MAX_CHUNK_BYTES = 64 << 20;

const keys = new KeyTable([
  "Timestamp",
  "RepositoryID",
  "Packfile",
  "Chunking",
  "Hashing",
  "Compression",
  "Encryption",
] as const);
const packfileKeys = new KeyTable(["MinSize", "AvgSize", "MaxSize"] as const);
const chunkingKeys = new KeyTable(["Algorithm", "MinSize", "NormalSize", "MaxSize"] as const);
const hashingKeys = new KeyTable(["Algorithm", "Bits"] as const);
const compressionKeys = new KeyTable([
  "Algorithm",
  "Level",
  "WindowSize",
  "ChunkSize",
  "BlockSize",
  "EnableCRC",
] as const);

/** The body of CONFIG, byte for byte as the Go implementation writes it. */
export function encodeConfiguration(c: StoreConfiguration): Uint8Array<ArrayBuffer> {
  const k = keys.of;
  const w = startWriting().map(7).key(k.Timestamp).time(c.timestampNs).key(k.RepositoryID).bin(c.repositoryId);
  const p = packfileKeys.of;
  w.key(k.Packfile).map(3).key(p.MinSize).u64(c.packfile.minBytes).key(p.AvgSize).u64(c.packfile.averageBytes);
  w.key(p.MaxSize).u64(c.packfile.maxBytes);
  const n = chunkingKeys.of;
  w.key(k.Chunking).map(4).key(n.Algorithm).text(c.chunking.algorithm).key(n.MinSize).u32(c.chunking.minBytes);
  w.key(n.NormalSize).u32(c.chunking.normalBytes).key(n.MaxSize).u32(c.chunking.maxBytes);
  const h = hashingKeys.of;
  w.key(k.Hashing).map(2).key(h.Algorithm).text(c.hashing.algorithm).key(h.Bits).u32(c.hashing.bits);
  w.key(k.Compression);
  if (c.compression) writeCompression(w, c.compression);
  else w.nil();
  w.key(k.Encryption);
  if (c.encryption) writeEncryption(w, c.encryption);
  else w.nil();
  return w.take();
}

function writeCompression(w: MsgpackWriter, c: CompressionConfiguration): void {
  const k = compressionKeys.of;
  w.map(6).key(k.Algorithm).text(c.algorithm).key(k.Level).int(c.level).key(k.WindowSize).int(c.windowSize);
  w.key(k.ChunkSize).int(c.chunkSize).key(k.BlockSize).int(c.blockSize).key(k.EnableCRC).bool(c.enableCrc);
}

/**
 * Fails with code `config-damaged` (kind corrupted) on anything that no store can have, keys that are not known among it:
 * what they would ask for could not be honoured. `version` is left 0.
 */
export function decodeConfiguration(body: Uint8Array): StoreConfiguration {
  const r = new MsgpackReader(body, "CONFIG", "config-damaged");
  const c: Draft<StoreConfiguration> = {
    version: 0,
    timestampNs: 0n,
    repositoryId: new Uint8Array(),
    packfile: { minBytes: 0n, averageBytes: 0n, maxBytes: 0n },
    chunking: { algorithm: "", minBytes: 0, normalBytes: 0, maxBytes: 0 },
    hashing: { algorithm: "", bits: 0 },
    compression: null,
    encryption: null,
  };
  r.fields(keys, (key) => {
    if (key === "Timestamp") c.timestampNs = r.time();
    else if (key === "RepositoryID") c.repositoryId = r.binOf(16);
    else if (key === "Packfile") c.packfile = decodePackfile(r);
    else if (key === "Chunking") c.chunking = decodeChunking(r);
    else if (key === "Hashing") c.hashing = decodeHashing(r);
    else if (key === "Compression") c.compression = r.nil() ? null : decodeCompression(r);
    else c.encryption = r.nil() ? null : decodeEncryption(r);
  });
  checkSizes(c);
  if (r.unknownKeys.length > 0) throw damaged(`it has the unknown key ${JSON.stringify(r.unknownKeys[0])}`);
  return c;
}

function checkSizes({ repositoryId, packfile, chunking, hashing }: StoreConfiguration): void {
  const { minBytes, normalBytes, maxBytes } = chunking;
  if (repositoryId.length !== 16) throw damaged("it has no repository id");
  if (packfile.maxBytes === 0n) throw damaged("its packfiles have no size");
  if (hashing.bits === 0) throw damaged("its MACs have no size");
  const ordered = minBytes > 0 && minBytes <= normalBytes && normalBytes <= maxBytes && maxBytes <= MAX_CHUNK_BYTES;
  if (!ordered) throw damaged(`its chunks are of ${minBytes}, ${normalBytes} and ${maxBytes} bytes`);
}

function damaged(how: string): Error {
  return corrupted("config-damaged", `CONFIG says what no store can have: ${how}`);
}

function decodePackfile(r: MsgpackReader): StoreConfiguration["packfile"] {
  const p = { minBytes: 0n, averageBytes: 0n, maxBytes: 0n };
  r.fields(packfileKeys, (key) => {
    if (key === "MinSize") p.minBytes = r.u64();
    else if (key === "AvgSize") p.averageBytes = r.u64();
    else p.maxBytes = r.u64();
  });
  return p;
}

function decodeChunking(r: MsgpackReader): StoreConfiguration["chunking"] {
  const c = { algorithm: "", minBytes: 0, normalBytes: 0, maxBytes: 0 };
  r.fields(chunkingKeys, (key) => {
    if (key === "Algorithm") c.algorithm = r.text();
    else if (key === "MinSize") c.minBytes = r.u32();
    else if (key === "NormalSize") c.normalBytes = r.u32();
    else c.maxBytes = r.u32();
  });
  return c;
}

function decodeHashing(r: MsgpackReader): StoreConfiguration["hashing"] {
  const h = { algorithm: "", bits: 0 };
  r.fields(hashingKeys, (key) => {
    if (key === "Algorithm") h.algorithm = r.text();
    else h.bits = r.u32();
  });
  return h;
}

function decodeCompression(r: MsgpackReader): CompressionConfiguration {
  const c = { algorithm: "", level: 0, windowSize: 0, chunkSize: 0, blockSize: 0, enableCrc: false };
  r.fields(compressionKeys, (key) => {
    if (key === "Algorithm") c.algorithm = r.text();
    else if (key === "Level") c.level = r.number();
    else if (key === "WindowSize") c.windowSize = r.number();
    else if (key === "ChunkSize") c.chunkSize = r.number();
    else if (key === "BlockSize") c.blockSize = r.number();
    else c.enableCrc = r.bool();
  });
  return c;
}
