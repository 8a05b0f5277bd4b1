import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { isBelow } from "../support/is-below.ts";
import { runScript } from "../support/run-script.ts";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** The repositories of this release alone. */
export async function stageRepositories(release: Release, made: readonly string[]): Promise<Outcome> {
  const { repositories } = release;
  rmSync(repositories, { recursive: true, force: true }); // what an earlier run left there is of no interest
  await publish(release, made, ["--to", repositories]);
  const files = globSync("**/*", { cwd: repositories, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return { files, note: `${files.length} files` };
}

/** Whether the place would take a release: keys, credentials, its state. Throws what speaks against it. */
export async function rehearseWithoutPackages(release: Release): Promise<void> {
  const { publishTo } = release;
  await runRepositories(release, ["--to", publishTo, ...options(release), "--dry-run", "--no-packages"]);
}

/** Everything but the publishing itself, while nobody has seen anything yet. */
export async function rehearse(release: Release, made: readonly string[]): Promise<Outcome> {
  return { note: await publish(release, made, ["--to", release.publishTo, "--dry-run"]) };
}

/** Merges the release into what is published. */
export async function publishRepositories(release: Release, made: readonly string[]): Promise<Outcome> {
  const { publishTo } = release;
  const note = await publish(release, made, ["--to", publishTo]);
  // by the clock, as those do who install from it
  await runScript("scripts/repositories.ts", ["--to", publishTo, "--verify"]);
  return { note };
}

/**
 * Versions in the repositories that this release is going to be merged with, where those are a directory; anywhere else
 * publishing itself refuses what is older.
 */
export async function releasedVersions({ publishTo }: Release): Promise<string[]> {
  const index = join(publishTo, "apt/dists/stable/main/binary-amd64/Packages");
  if (!existsSync(index)) return [];
  const versions = readFileSync(index, "utf8").matchAll(/^Package: plakar\n(?:.+\n)*?Version: (.*)$/gm);
  return [...versions].map(([, version = ""]) => version.replace(/-\d+$/, "").replace("~", "-"));
}

/** Publishes exactly the packages that this release has made; answers the last line of what is said. */
function publish(release: Release, made: readonly string[], words: readonly string[]): Promise<string> {
  const { packages } = release;
  const files = made.filter((file) => isBelow(packages, file) && /\.(?:deb|rpm|apk)$/.test(file));
  const named = files.flatMap((file) => ["--file", relative(packages, file)]);
  return runRepositories(release, ["--from", packages, ...named, ...options(release), ...words]);
}

function options({ isTrial, keepVersions }: Release): string[] {
  return [...(isTrial ? [] : ["--release"]), ...(keepVersions === "" ? [] : ["--keep", keepVersions])];
}

async function runRepositories({ timeSeconds }: Release, words: readonly string[]): Promise<string> {
  const printed = await runScript("scripts/repositories.ts", words, {
    env: { SOURCE_DATE_EPOCH: String(timeSeconds) },
  });
  return printed.trim().split("\n").at(-1) ?? "";
}
