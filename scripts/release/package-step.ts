import { globSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import type { Target } from "../support/targets.ts";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** Builds the executable of a target, and every package that is made of it. */
export async function makePackages(release: Release, target: Target): Promise<Outcome> {
  const { version, packages, fast, timeSeconds } = release;
  mkdirSync(packages, { recursive: true });
  for (const file of strangersIn(release)) rmSync(join(packages, file), { recursive: true });
  const words = ["--target", target, "--version", version, "--to", packages, ...(fast ? ["--fast"] : [])];
  const { stdout } = await $({
    env: { ...process.env, SOURCE_DATE_EPOCH: String(timeSeconds) },
  })`${process.execPath} scripts/package.ts ${words}`;
  const made = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("  ")[0] ?? "")
    .filter((file) => !/SHA256SUMS$|\.cdx\.json$/.test(file)); // of this target alone: steps of their own make those of all
  return { files: made, note: stdout.trim().replaceAll("\n", "\n      ") };
}

/** What a release of another version has left: a repository would take it for part of this one. */
export function strangersIn({ packages, version }: Release): string[] {
  const own = version.replace(/-([a-z]+)\./, "_$1"); // as apk writes it
  const isOwn = (file: string): boolean =>
    [version, own].some((each) => new RegExp(`[_-]${RegExp.escape(each)}(?:[_-]|\\.(?![0-9]))`).test(file));
  return globSync("**/*plakar[-_]*", { cwd: packages }).filter((file) => !isOwn(file));
}
