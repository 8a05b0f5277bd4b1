import { createHash } from "node:crypto";
import { globSync, statSync } from "node:fs";
import { digestOf } from "./digest.ts";

const sources = ["*.{json,md,ts}", "LICENSE*", "{docs,packaging,scripts,src}/**"];

/** Stands for everything that packages are made of: the same for the same files, whatever git knows of them. */
export function sourcesDigest(): string {
  const files = sources
    .flatMap((pattern) => globSync(pattern))
    .filter((path) => statSync(path).isFile())
    .toSorted();
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0${digestOf(file)}\n`);
  return hash.digest("hex");
}
