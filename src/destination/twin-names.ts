import { type ByteString, toText } from "../foundation/index.ts";

/*
 * Twins: names of one directory that some file systems take for the same, since they fold case (Windows, macOS, vfat, ext4
 * with casefold), normalise Unicode (macOS, ZFS), drop dots and spaces at the end (vfat, SMB), or give long names a short one
 * (Windows, vfat). Which of that a target does shows there; here is what any of them might do, told from the names alone, so
 * that ordinary directories cost no look at the target.
 */

// oxlint-disable-next-line no-control-regex -- ASCII is the point
const ascii = /^[\u0000-\u007f]*$/;
const droppedAtEnd = /[ .]+$/;
/** What HFS+ and others leave out of a comparison. */
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
/** `LONGNA~1.TXT`, as Windows makes it (with digits, and some of a hash) and wine (with any). */
const shortForm = /^(?=.{1,8}(?:\.|$))[^.~]{1,7}~[0-9a-z]{1,4}(?:\.[^.]{1,3})?$/i;

/** Equal for names that a file system which folds case or normalises may take for one; for some that none does, too. */
export function foldedName(name: ByteString): string {
  if (ascii.test(name)) return name.toLowerCase().replace(droppedAtEnd, "");
  const text = toText(name) ?? name;
  // upper case first: it has ß as SS and both sigmas as one, which lower case alone keeps apart
  const folded = text.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
  return folded.replaceAll(ignorable, "").replace(droppedAtEnd, "");
}

/** Of the names of one directory, tells those that may meet another of them in one place. */
export function twinsAmong(names: readonly ByteString[]): (name: ByteString) => boolean {
  // any other name may have this one as its short form
  if (names.some((name) => shortForm.test(name))) return () => true;
  const firsts = new Map<string, ByteString>();
  const twins = new Set<ByteString>();
  for (const name of names) {
    const folded = foldedName(name);
    const first = firsts.get(folded);
    if (first === undefined) firsts.set(folded, name);
    else twins.add(first).add(name);
  }
  return (name) => twins.has(name);
}
