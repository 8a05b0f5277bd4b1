import { type BigIntStats, lstatSync } from "node:fs";
import { type ByteString, joinPath, toFsPath } from "../../foundation/index.ts";
import { foldedName } from "../twin-names.ts";

/** What has a path's place, exactly: the numbers of Windows are larger than what a double tells apart. */
export function whatIsExactlyAt(absolute: ByteString): BigIntStats | undefined {
  return lstatSync(toFsPath(absolute), { bigint: true, throwIfNoEntry: false });
}

export function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

/** Equal for what is the same thing. */
export function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/**
 * Of the names that a directory lists, those under which lies what is found by one of the `expected` names, though it is
 * written in another way: with other letters, normalised, or as a short form. Names that are listed as expected cost nothing.
 */
export function otherSpellings(
  directory: ByteString,
  listed: readonly ByteString[],
  expected: Iterable<ByteString>,
): ReadonlySet<ByteString> {
  const asListed = new Set(listed);
  const found = new Set<string>();
  for (const name of expected) {
    const there = asListed.has(name) ? undefined : whatIsExactlyAt(joinPath(directory, name));
    // not every file system numbers its files so that two looks agree
    if (there) found.add(identityOf(there)).add(foldedName(name));
  }
  const isFound = (name: ByteString): boolean => {
    const there = whatIsExactlyAt(joinPath(directory, name));
    return found.has(foldedName(name)) || (there !== undefined && found.has(identityOf(there)));
  };
  return new Set(found.size === 0 ? [] : listed.filter(isFound));
}
