import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isBelow } from "../support/is-below.ts";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** Every file that people may want, in one folder, under a name that is its own. */
export async function collectAssets(release: Release, made: readonly string[]): Promise<Outcome> {
  const folder = join(release.folder, "assets");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const assets = made
    .filter((file) => isBelow(release.packages, file))
    .map((file) => {
      const asset = join(folder, assetName(file));
      place(file, asset);
      return asset;
    });
  return { files: assets, note: `${assets.length} files` };
}

/** The folder, and the names of those that are there, without the checksums. */
export function assetsOf(release: Release): { folder: string; names: string[] } {
  const folder = join(release.folder, "assets");
  const names = readdirSync(folder).filter((name) => !name.startsWith("SHA256SUMS"));
  return { folder, names: names.toSorted() };
}

/** apk's own names do not tell the architecture: its folder does. */
function assetName(file: string): string {
  const name = basename(file);
  return name.endsWith(".apk") ? name.replace(/\.apk$/, `.${basename(dirname(file))}.apk`) : name;
}

/** Without a second copy, where the file system lets it. */
function place(file: string, asset: string): void {
  try {
    linkSync(file, asset);
  } catch {
    copyFileSync(file, asset);
  }
}
