import type { ByteString } from "../foundation/index.ts";
import { type Mac, zeroMac } from "./identifiers.ts";
import { KeyTable } from "./key-table.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { startWriting } from "./msgpack-writer.ts";
import { knownVersion } from "./version.ts";

/** One extended attribute of a path; its value is the content of `object`. */
export interface XattrEntry {
  readonly version: number;
  readonly path: ByteString;
  readonly name: ByteString;
  readonly size: number;
  /** 0 extended attribute, 1 alternate data stream. */
  readonly type: number;
  readonly object: Mac;
}

const xattrKeys = new KeyTable(["version", "path", "name", "size", "type", "object"] as const);

export function encodeXattrEntry(x: XattrEntry): Uint8Array<ArrayBuffer> {
  const k = xattrKeys.of;
  const w = startWriting().map(6).key(k.version).u32(x.version).key(k.path).str(x.path).key(k.name).str(x.name);
  return w.key(k.size).i64(x.size).key(k.type).u8(x.type).key(k.object).bin(x.object).take();
}

export function decodeXattrEntry(bytes: Uint8Array): XattrEntry {
  const what = "an extended attribute";
  const r = new MsgpackReader(bytes, what);
  const x = { version: 0, path: "" as ByteString, name: "" as ByteString, size: 0, type: 0, object: zeroMac };
  r.fields(xattrKeys, (key) => {
    if (key === "version") x.version = knownVersion(r.u32(), what);
    else if (key === "path" || key === "name") x[key] = r.bytesString();
    else if (key === "size") x.size = r.number();
    else if (key === "type") x.type = r.u8();
    else x.object = r.mac();
  });
  return x;
}

/** Something that could not be read when the snapshot was taken. */
export interface ErrorEntry {
  readonly version: number;
  /** The path. */
  readonly name: ByteString;
  readonly error: string;
}

const errorKeys = new KeyTable(["version", "name", "error"] as const);

export function encodeErrorEntry(e: ErrorEntry): Uint8Array<ArrayBuffer> {
  const k = errorKeys.of;
  const w = startWriting().map(3).key(k.version).u32(e.version);
  return w.key(k.name).str(e.name).key(k.error).text(e.error).take();
}

export function decodeErrorEntry(bytes: Uint8Array): ErrorEntry {
  const what = "an error record";
  const r = new MsgpackReader(bytes, what);
  const e = { version: 0, name: "" as ByteString, error: "" };
  r.fields(errorKeys, (key) => {
    if (key === "version") e.version = knownVersion(r.u32(), what);
    else if (key === "name") e.name = r.bytesString();
    else e.error = r.text();
  });
  return e;
}
