import { copyFileSync, globSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** What is not an asset of its own: another list stands for it. */
const left: ReadonlySet<string> = new Set(["SHA256SUMS"]);

/** Every file of the release in one folder, under a name that is its own. */
export async function collectAssets(release: Release): Promise<Outcome> {
  const { packages } = release;
  const folder = join(release.folder, "assets");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = globSync("**/*", { cwd: packages, withFileTypes: true })
    .filter((entry) => entry.isFile() && !left.has(entry.name) && !entry.name.includes(".unfinished"))
    .map((entry) => join(entry.parentPath, entry.name));
  const assets = files.map((file) => {
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
