import { fstatSync, type Stats } from "node:fs";

/** In milliseconds times are exact to a quarter of a microsecond: nobody looks, reads and writes in less. */
export function hasChanged(before: Stats, after: Stats): boolean {
  return before.size !== after.size || before.mtimeMs !== after.mtimeMs || before.ctimeMs !== after.ctimeMs;
}

/** The exact time of an open file: the walk's, unless the file was changed since. */
export function modifiedAt(fd: number, { mtimeMs }: Stats, seenNs: bigint): bigint {
  const isAsSeen = Math.abs(mtimeMs - Number(seenNs) / 1e6) < 1e-3;
  return isAsSeen ? seenNs : fstatSync(fd, { bigint: true }).mtimeNs;
}
