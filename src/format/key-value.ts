import { KeyTable } from "./key-table.ts";
import { readListOrNull, writeList } from "./lists.ts";
import type { MsgpackReader } from "./msgpack-reader.ts";
import type { MsgpackWriter } from "./msgpack-writer.ts";

/** A remark on where and how a snapshot was taken. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

const keys = new KeyTable(["key", "value"] as const);
/** A map, two keys, two strings at least. */
const ITEM_BYTES = 13;

export function writeKeyValues(w: MsgpackWriter, pairs: readonly KeyValue[] | null): void {
  writeList(w, pairs, ({ key, value }) => w.map(2).key(keys.of.key).text(key).key(keys.of.value).text(value));
}

export function readKeyValues(r: MsgpackReader): KeyValue[] | null {
  return readListOrNull(r, () => readKeyValue(r), ITEM_BYTES);
}

function readKeyValue(r: MsgpackReader): KeyValue {
  const pair = { key: "", value: "" };
  r.fields(keys, (key) => {
    pair[key] = r.text();
  });
  return pair;
}
