import { basename } from "node:path";
import { digestOf } from "../support/digest.ts";

/** What `sha256sum -c` reads: digests of files by their own names, sorted by them. */
export function checksumsOf(files: readonly string[]): string {
  const lines = files.map((file) => `${digestOf(file)}  ${basename(file)}\n`);
  return lines.toSorted((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join("");
}
