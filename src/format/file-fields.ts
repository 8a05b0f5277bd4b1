import type { ByteString } from "../foundation/index.ts";
import { type EncodedKey, KeyTable } from "./key-table.ts";
import type { MsgpackReader } from "./msgpack-reader.ts";
import { type MsgpackWriter, startWriting } from "./msgpack-writer.ts";

/** The fields that decide whether a file is unchanged. `mode` is Go's FileMode. */
export interface FileInfo {
  readonly name: ByteString;
  /** Bytes; a plugin may say -1 for unknown. */
  readonly size: number;
  readonly mode: number;
  readonly modTimeNs: bigint;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly nlink: number;
  readonly username: string;
  readonly groupname: string;
  readonly flags: number;
}

const keyNames = [
  "name",
  "size",
  "mode",
  "mod_time",
  "dev",
  "ino",
  "uid",
  "gid",
  "nlink",
  "username",
  "groupname",
  "flags",
] as const;
const keys = new KeyTable(keyNames);
export const fileInfoKeys: Readonly<Record<(typeof keyNames)[number], EncodedKey>> = keys.of;

/** The msgpack of `file_info` alone, for comparing with fileInfoSlice of an older entry. */
export function encodeFileInfo(f: FileInfo): Uint8Array<ArrayBuffer> {
  const w = startWriting();
  writeFileInfo(w, f);
  return w.take();
}

export function writeFileInfo(w: MsgpackWriter, f: FileInfo): void {
  const k = keys.of;
  w.map(12).key(k.name).str(f.name).key(k.size).i64(f.size).key(k.mode).u32(f.mode).key(k.mod_time).time(f.modTimeNs);
  w.key(k.dev).u64(f.dev).key(k.ino).u64(f.ino).key(k.uid).u64(f.uid).key(k.gid).u64(f.gid).key(k.nlink).u16(f.nlink);
  w.key(k.username).text(f.username).key(k.groupname).text(f.groupname).key(k.flags).u32(f.flags);
}

export function decodeFileInfo(r: MsgpackReader): FileInfo {
  const f: { -readonly [K in keyof FileInfo]: FileInfo[K] } = {
    name: "" as ByteString,
    size: 0,
    mode: 0,
    modTimeNs: 0n,
    dev: 0n,
    ino: 0n,
    uid: 0n,
    gid: 0n,
    nlink: 0,
    username: "",
    groupname: "",
    flags: 0,
  };
  r.fields(keys, (key) => {
    if (key === "name") f.name = r.bytesString();
    else if (key === "size") f.size = r.number();
    else if (key === "mod_time") f.modTimeNs = r.time();
    else if (key === "mode" || key === "flags") f[key] = r.u32();
    else if (key === "dev" || key === "ino" || key === "uid" || key === "gid") f[key] = r.u64();
    else if (key === "nlink") f.nlink = r.u16();
    else f[key] = r.text();
  });
  return f;
}
