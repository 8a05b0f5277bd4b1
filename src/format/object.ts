import { type Mac, zeroMac } from "./identifiers.ts";
import { KeyTable } from "./key-table.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { startWriting } from "./msgpack-writer.ts";
import { knownVersion } from "./version.ts";

/** A piece of a file's content. */
export interface ChunkRef {
  readonly version: number;
  readonly mac: Mac;
  readonly length: number;
  /** Shannon bits per byte. */
  readonly entropy: number;
  readonly flags: number;
}

/** A file's content: its chunks in order, and the MAC of the whole. */
export interface KlosetObject {
  readonly version: number;
  readonly contentMac: Mac;
  readonly chunks: readonly ChunkRef[];
  readonly contentType: string;
  readonly entropy: number;
  readonly flags: number;
}

const keys = new KeyTable(["version", "contentMAC", "chunks", "content_type", "entropy", "flags"] as const);
const chunkKeys = new KeyTable(["version", "contentMAC", "length", "entropy", "flags"] as const);
/** A chunk has a MAC at least; this bounds what a short object can ask for. */
const CHUNK_ITEM_BYTES = 46;
const what = "an object";

export function encodeObject(o: KlosetObject): Uint8Array<ArrayBuffer> {
  const k = keys.of;
  const c = chunkKeys.of;
  const w = startWriting().map(4 + Number(o.contentType !== "") + Number(o.entropy !== 0));
  w.key(k.version).u32(o.version).key(k.contentMAC).bin(o.contentMac).key(k.chunks).array(o.chunks.length);
  for (const { version, mac, length, entropy, flags } of o.chunks) {
    w.map(5).key(c.version).u32(version).key(c.contentMAC).bin(mac).key(c.length).u32(length);
    w.key(c.entropy).f64(entropy).key(c.flags).u32(flags);
  }
  if (o.contentType !== "") w.key(k.content_type).text(o.contentType);
  if (o.entropy !== 0) w.key(k.entropy).f64(o.entropy);
  return w.key(k.flags).u32(o.flags).take();
}

export function decodeObject(bytes: Uint8Array): KlosetObject {
  const r = new MsgpackReader(bytes, what);
  const o = { version: 0, contentMac: zeroMac, chunks: [] as ChunkRef[], contentType: "", entropy: 0, flags: 0 };
  r.fields(keys, (key) => {
    if (key === "version") o.version = knownVersion(r.u32(), what);
    else if (key === "contentMAC") o.contentMac = r.mac();
    else if (key === "chunks") o.chunks = r.list(() => decodeChunk(r), CHUNK_ITEM_BYTES);
    else if (key === "content_type") o.contentType = r.text();
    else if (key === "entropy") o.entropy = r.float();
    else o.flags = r.u32();
  });
  return o;
}

function decodeChunk(r: MsgpackReader): ChunkRef {
  const c = { version: 0, mac: zeroMac, length: 0, entropy: 0, flags: 0 };
  r.fields(chunkKeys, (key) => {
    if (key === "version") c.version = knownVersion(r.u32(), "a chunk");
    else if (key === "contentMAC") c.mac = r.mac();
    else if (key === "length") c.length = r.u32();
    else if (key === "entropy") c.entropy = r.float();
    else c.flags = r.u32();
  });
  return c;
}
