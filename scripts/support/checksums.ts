import { join } from "node:path";
import { digestOf } from "./digest.ts";

/** What `sha256sum --check` reads in a folder: digests of its files by their names there, sorted by those. */
export function checksumsOf(folder: string, names: readonly string[]): string {
  const portable = names.map((name) => name.replaceAll("\\", "/")).toSorted();
  return portable.map((name) => `${digestOf(join(folder, name))}  ${name}\n`).join("");
}
