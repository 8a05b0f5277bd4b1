import { type BigIntStats, lstatSync, readlinkSync } from "node:fs";
import { type ByteString, fromLatin1, type ItemKind, toFsPath } from "../../foundation/index.ts";
import type { Overwrite, Placement, RestoreItem } from "../contract.ts";
import { blocked } from "../failures.ts";

/** What restoring an item does to what is at its absolute path. Throws `restore-blocked` for a directory there. */
export function placementAt(absolute: ByteString, item: RestoreItem, overwrite: Overwrite): Placement {
  const there = lstatSync(toFsPath(absolute), { bigint: true, throwIfNoEntry: false });
  if (!there) return "create";
  if (item.info.kind === "directory") return overwrite === "never" ? "keep" : "update";
  if (there.isDirectory()) throw blocked(item.path, "a directory takes its place");
  if (overwrite === "never") return "keep";
  if (overwrite === "if-newer" && there.mtimeNs >= item.info.modifiedNs) return "keep";
  if (overwrite === "always" || !isSameThing(absolute, there, item)) return "replace";
  return there.nlink === 1n ? "update" : "compare";
}

/** Whether what is there can become the item without being made anew. */
function isSameThing(absolute: ByteString, there: BigIntStats, { info, symlinkTarget }: RestoreItem): boolean {
  if (info.kind === "symlink") {
    return there.isSymbolicLink() && fromLatin1(readlinkSync(toFsPath(absolute), "latin1")) === symlinkTarget;
  }
  return isOfKind(there, info.kind);
}

function isOfKind(there: BigIntStats, kind: ItemKind): boolean {
  // a device in a device's place may have another number: it is made anew
  return (kind === "file" && there.isFile()) || (kind === "fifo" && there.isFIFO());
}
