import { fstatSync, lstatSync } from "node:fs";
import { type ByteString, toFsPath } from "../../foundation/index.ts";
import { setModifiedTime } from "../../system/index.ts";

/** 1901-12-13 to 2038-01-19: every file system holds the seconds of these times (signed 32 bits). */
const HELD_BY_ALL_NS = 2n ** 31n * 1_000_000_000n;

/** FAT counts in twos of seconds. */
const COARSEST_NS = 2_000_000_000n;

/**
 * Gives a path (a link itself), or what an open descriptor stands for, its time. A file system that cannot hold a time far
 * away takes the nearest one it has (statx(2), "timestamp limits") and does not say so: this throws.
 */
export function giveTime(target: ByteString | number, modifiedNs: bigint): void {
  setModifiedTime(target, modifiedNs);
  if (modifiedNs >= -HELD_BY_ALL_NS && modifiedNs < HELD_BY_ALL_NS) return;
  const there =
    typeof target === "number" ? fstatSync(target, { bigint: true }) : lstatSync(toFsPath(target), { bigint: true });
  const apart = there.mtimeNs - modifiedNs;
  if (apart > COARSEST_NS || apart < -COARSEST_NS) throw new Error("the file system holds no time that far away");
}
