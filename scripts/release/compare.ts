/** In what two releases differ, package by package: what a person looks at before one takes the place of the other. */
import { globSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ScriptError } from "../support/script-error.ts";
import { describePackage, type PackageContents } from "./package-contents.ts";

/** Lines that say it; none where the packages of two folders are the same but for their version. */
export async function compareReleases(before: string, after: string): Promise<string[]> {
  const [old, young] = [packagesIn(before), packagesIn(after)];
  const lines: string[] = [];
  for (const name of [...new Set([...old.keys(), ...young.keys()])].toSorted()) {
    const [a, b] = [old.get(name), young.get(name)];
    if (a === undefined) lines.push(`+ ${name}`);
    else if (b === undefined) lines.push(`- ${name}`);
    else lines.push(...comparePackages(name, a, b));
  }
  return lines;
}

function comparePackages(name: string, before: string, after: string): string[] {
  const [a, b] = [statSync(before).size, statSync(after).size];
  const differences = differencesOf(describePackage(before), describePackage(after));
  if (a === b && differences.length === 0) return [];
  const percent = ((b - a) / a) * 100;
  const size = a === b ? "" : ` ${a} -> ${b} bytes (${percent >= 0 ? "+" : ""}${percent.toFixed(1)} %)`;
  return [`  ${name}:${size}`, ...differences.map((line) => `    ${line}`)];
}

/** What each has that the other has not, and what both have in other ways. */
function differencesOf(before: PackageContents, after: PackageContents): string[] {
  const lines: string[] = [];
  for (const key of [...new Set([...before.keys(), ...after.keys()])].toSorted()) {
    const [a, b] = [before.get(key), after.get(key)];
    if (a === b) continue;
    if (a === undefined) lines.push(`+ ${key} ${b}`);
    else if (b === undefined) lines.push(`- ${key} ${a}`);
    else lines.push(`  ${key} ${a} -> ${b}`);
  }
  return lines;
}

/** Paths by their names without the version: those are the same in both. */
function packagesIn(folder: string): Map<string, string> {
  const paths = globSync("**/*.{deb,rpm,apk,tar.gz,zip}", { cwd: folder });
  if (paths.length === 0) throw new ScriptError(`release: there are no packages in ${folder}`);
  const named = new Map<string, string>();
  for (const path of paths) {
    const name = join(dirname(path), basename(path).replace(version, "V"));
    const other = named.get(name);
    if (other !== undefined)
      throw new ScriptError(
        `release: ${other} and ${join(folder, path)} are one package\nname a folder of one version`,
      );
    named.set(name, join(folder, path));
  }
  return named;
}

/** As the names of packages have it, without the release that their kind adds: `1.2.3`, `1.2.3-rc.1`, `1.2.3~rc.1`, `1.2.3_rc1`. */
const version = /\d+\.\d+\.\d+(?:[-~][a-z]+\.?\d*|_(?:alpha|beta|pre|rc)\d*)?(?=[-_.])/;
