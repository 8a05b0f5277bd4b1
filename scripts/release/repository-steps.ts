import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runScript } from "../support/run-script.ts";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** The repositories of this release alone. */
export async function stageRepositories(release: Release): Promise<Outcome> {
  const { repositories } = release;
  rmSync(repositories, { recursive: true, force: true }); // what an earlier run left there is of no interest
  await publish(release, repositories);
  const files = globSync("**/*", { cwd: repositories, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return { files, note: `${files.length} files` };
}

/** Merges the release into what is published. */
export async function publishRepositories(release: Release): Promise<Outcome> {
  const { publishTo } = release;
  const note = await publish(release, publishTo);
  await runRepositories(release, ["--to", publishTo, "--verify"]);
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
function publish(release: Release, to: string): Promise<string> {
  const words = ["--from", release.packages, "--to", to, ...(release.isTrial ? [] : ["--release"])];
  return runRepositories(release, words);
}

async function runRepositories({ timeSeconds }: Release, words: readonly string[]): Promise<string> {
  const printed = await runScript("scripts/repositories.ts", words, {
    env: { SOURCE_DATE_EPOCH: String(timeSeconds) },
  });
  return printed.trim().split("\n").at(-1) ?? "";
}
