import { type ByteString, corrupted } from "../foundation/index.ts";
import { decodeFileInfo, type FileInfo, writeFileInfo } from "./file-fields.ts";
import { type Mac, zeroMac } from "./identifiers.ts";
import { type EncodedKey, KeyTable } from "./key-table.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { type MsgpackWriter, startWriting } from "./msgpack-writer.ts";
import { knownVersion } from "./version.ts";

/** A path of a snapshot (kloset-format section 7). Absent fields are omitted when encoded, never written as zero. */
export interface VfsEntry {
  readonly version: number;
  readonly parentPath: ByteString;
  readonly fileInfo: FileInfo;
  readonly symlinkTarget?: ByteString;
  /** Zeros for everything but regular files. */
  readonly object: Mac;
  readonly contentType?: string;
  readonly entropy?: number;
  readonly chunks?: number;
  readonly extendedAttributes?: readonly ByteString[];
  /** Fields that no current writer sets, as they stood, so that re-encoding is exact. */
  readonly others?: readonly { readonly key: RareField; readonly value: Uint8Array }[];
  /** The embedded summary as it stood; nil in all current entries. */
  readonly summary?: Uint8Array;
  /** Keys that this version does not know: such an entry must not be encoded again. */
  readonly unknownKeys?: readonly string[];
}

const keyNames = [
  "version",
  "parent_path",
  "file_info",
  "summary",
  "symlink_target",
  "object",
  "content_type",
  "entropy",
  "chunks",
  "alternate_data_streams",
  "security_descriptor",
  "file_attributes",
  "extended_attributes",
  "classifications",
  "custom_metadata",
  "tags",
] as const;
const keys = new KeyTable(keyNames);
export const entryKeys: Readonly<Record<(typeof keyNames)[number], EncodedKey>> = keys.of;
/** Rare fields in the order of the structure, which has the attributes' names between them. */
const rareBefore = ["alternate_data_streams", "security_descriptor", "file_attributes"] as const;
const rareAfter = ["classifications", "custom_metadata", "tags"] as const;
export type RareField = (typeof rareBefore | typeof rareAfter)[number];

const what = "an entry";

export function encodeEntry(e: VfsEntry): Uint8Array<ArrayBuffer> {
  const k = keys.of;
  const others = e.others ?? [];
  const attributes = e.extendedAttributes?.length ?? 0;
  const fields = Number(!!e.symlinkTarget) + Number(!!e.contentType) + Number(!!e.entropy) + Number(!!e.chunks);
  const w = startWriting().map(5 + fields + Number(attributes > 0) + others.length);
  w.key(k.version).u32(e.version).key(k.parent_path).str(e.parentPath).key(k.file_info);
  writeFileInfo(w, e.fileInfo);
  w.key(k.summary);
  if (e.summary) w.raw(e.summary);
  else w.nil();
  if (e.symlinkTarget) w.key(k.symlink_target).str(e.symlinkTarget);
  w.key(k.object).bin(e.object);
  if (e.contentType) w.key(k.content_type).text(e.contentType);
  if (e.entropy) w.key(k.entropy).f64(e.entropy);
  if (e.chunks) w.key(k.chunks).u64(e.chunks);
  if (others.length > 0) writeOthers(w, others, rareBefore);
  if (attributes > 0) {
    w.key(k.extended_attributes).array(attributes);
    for (const name of e.extendedAttributes ?? []) w.str(name);
  }
  if (others.length > 0) writeOthers(w, others, rareAfter);
  return w.take();
}

function writeOthers(w: MsgpackWriter, others: NonNullable<VfsEntry["others"]>, names: readonly RareField[]): void {
  for (const name of names) {
    for (const { key, value } of others) if (key === name) w.key(keys.of[name]).raw(value);
  }
}

/** Fails with `entry-damaged` (kind corrupted) when the entry has no path or a name that no file can have. */
export function decodeEntry(bytes: Uint8Array): VfsEntry {
  const r = new MsgpackReader(bytes, what);
  const e: { -readonly [K in keyof VfsEntry]?: VfsEntry[K] } = { version: 0, object: zeroMac };
  const others: { key: RareField; value: Uint8Array }[] = [];
  r.fields(keys, (key) => {
    if (key === "version") e.version = knownVersion(r.u32(), what);
    else if (key === "parent_path") e.parentPath = r.commonBytesString();
    else if (key === "file_info") e.fileInfo = decodeFileInfo(r);
    else if (key === "summary") {
      if (!r.nil()) e.summary = r.slice();
    } else if (key === "symlink_target") e.symlinkTarget = r.bytesString();
    else if (key === "object") e.object = r.nil() ? zeroMac : r.mac();
    else if (key === "content_type") e.contentType = r.text();
    else if (key === "entropy") e.entropy = r.float();
    else if (key === "chunks") e.chunks = r.count();
    else if (key === "extended_attributes") e.extendedAttributes = r.list(() => r.bytesString(), 1);
    else others.push({ key, value: r.slice() });
  });
  if (e.parentPath === undefined || !e.fileInfo) throw corrupted("entry-damaged", `${what} lacks its path or its file`);
  checkName(e.fileInfo.name);
  if (others.length > 0) e.others = others;
  if (r.unknownKeys.length > 0) e.unknownKeys = r.unknownKeys;
  return e as VfsEntry;
}

/** What the restore joins to a path must be one step, whatever a snapshot says (I-06). */
function checkName(name: ByteString): void {
  const bad =
    name === "" || name === "." || name === ".." || name.includes("\0") || (name.includes("/") && name !== "/");
  if (bad) throw corrupted("entry-damaged", `${what} has a name that no file can have`);
}

/** The bytes of `file_info` within an encoded entry, for comparing without decoding; empty where there is none. */
export function fileInfoSlice(entry: Uint8Array): Uint8Array {
  return new MsgpackReader(entry, what).sliceOf(keys, "file_info") ?? new Uint8Array();
}
