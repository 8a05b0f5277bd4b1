import { mkdirSync } from "node:fs";
import { runScript } from "../support/run-script.ts";
import type { Target } from "../support/targets.ts";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** Builds the executable of a target, and every package that is made of it. */
export async function makePackages(release: Release, target: Target): Promise<Outcome> {
  const { version, packages, fast, timeSeconds } = release;
  mkdirSync(packages, { recursive: true });
  const words = ["--target", target, "--version", version, "--to", packages, ...(fast ? ["--fast"] : [])];
  const stdout = await runScript("scripts/package.ts", words, { env: { SOURCE_DATE_EPOCH: String(timeSeconds) } });
  const made = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("  ")[0] ?? "")
    .filter((file) => !/SHA256SUMS$|\.cdx\.json$/.test(file)); // of this target alone: steps of their own make those of all
  return { files: made, note: stdout.trim().replaceAll("\n", "\n      ") };
}
