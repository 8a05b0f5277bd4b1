import { join } from "node:path";
import { isId } from "../../format/index.ts";
import { type Random, toHex } from "../../foundation/index.ts";
import type { StoreId, StoreKind } from "../contract.ts";

/*
 * The names of a store in a directory (kloset-format section 1):
 *
 *   CONFIG    packfiles/00..ff/ID    states/00..ff/ID    locks/ID
 *   tmp.*     files that are being written: in the root (CONFIG, locks), in packfiles/ and in states/
 */
export const CONFIG_NAME = "CONFIG";
export const kinds: readonly StoreKind[] = ["packfiles", "states", "locks"];

const bucketForm = /^[0-9a-f]{2}$/;
/** Ours (16 hex digits) and the Go implementation's (a decimal 32-bit number). */
const temporaryForm = /^tmp\.(?:[0-9a-f]{16}|\d{1,10})$/;

/** `00` to `ff` where files of a kind lie in buckets by the first byte of their ids. */
export function bucketsOf(kind: StoreKind): readonly string[] {
  return kind === "locks" ? [] : Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
}

export function isBucket(name: string): boolean {
  return bucketForm.test(name);
}

/** Where a file lies: the bucket, or the kind's own directory. */
export function directoryOf(root: string, kind: StoreKind, id: StoreId): string {
  return kind === "locks" ? join(root, kind) : join(root, kind, id.slice(0, 2));
}

/** Where a file is written before it gets its name: never in a bucket, which readers of others expect to be clean. */
export function temporaryDirectoryOf(root: string, kind: StoreKind): string {
  return kind === "locks" ? root : join(root, kind);
}

/** A name that readers, the Go implementation too, ignore. */
export function temporaryName(random: Random): string {
  return `tmp.${toHex(random.bytes(8))}`;
}

export function isTemporary(name: string): boolean {
  return temporaryForm.test(name);
}

/** Whether `get` finds what lies under this name in this bucket, or in locks, which has none. */
export function isStored(name: string, bucket: string | undefined): boolean {
  return isId(name) && (bucket === undefined || name.startsWith(bucket));
}
