import { KeyTable } from "./key-table.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { startWriting } from "./msgpack-writer.ts";
import { knownVersion } from "./version.ts";

/** The content of a lock file. */
export interface Lock {
  readonly version: number;
  readonly timestampNs: bigint;
  readonly hostname: string;
  readonly exclusive: boolean;
}

const keys = new KeyTable(["version", "timestamp", "hostname", "exclusive"] as const);

export function encodeLock(lock: Lock): Uint8Array<ArrayBuffer> {
  const k = keys.of;
  const w = startWriting().map(4).key(k.version).u32(lock.version).key(k.timestamp).time(lock.timestampNs);
  return w.key(k.hostname).text(lock.hostname).key(k.exclusive).bool(lock.exclusive).take();
}

export function decodeLock(bytes: Uint8Array): Lock {
  const what = "a lock";
  const r = new MsgpackReader(bytes, what);
  const lock = { version: 0, timestampNs: 0n, hostname: "", exclusive: false };
  r.fields(keys, (key) => {
    if (key === "version") lock.version = knownVersion(r.u32(), what);
    else if (key === "timestamp") lock.timestampNs = r.time();
    else if (key === "hostname") lock.hostname = r.text();
    else lock.exclusive = r.bool();
  });
  return lock;
}
