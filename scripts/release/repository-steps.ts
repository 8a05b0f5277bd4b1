import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** The repositories of this release alone, in dist/repositories. */
export async function stageRepositories(release: Release): Promise<Outcome> {
  const { repositories } = release;
  rmSync(repositories, { recursive: true, force: true }); // what an earlier trial left there is of no interest
  await runRepositories(release, repositories);
  const files = globSync("**/*", { cwd: repositories, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return { files, note: `${files.length} files` };
}

/** Merges the release into what is published. */
export async function publishRepositories(release: Release): Promise<Outcome> {
  const { publishTo } = release;
  const note = await runRepositories(release, publishTo);
  await $({
    quiet: true,
    env: environmentOf(release),
  })`${process.execPath} scripts/repositories.ts --to ${publishTo} --verify`;
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

async function runRepositories(release: Release, to: string): Promise<string> {
  const words = ["--from", release.packages, "--to", to, ...(release.isTrial ? [] : ["--release"])];
  const { stdout } = await $({ env: environmentOf(release) })`${process.execPath} scripts/repositories.ts ${words}`;
  return stdout.trim().split("\n").at(-1) ?? "";
}

function environmentOf({ timeSeconds }: Release): NodeJS.ProcessEnv {
  return { ...process.env, SOURCE_DATE_EPOCH: String(timeSeconds) };
}
