/** The Node that executables are made of: the installed one, or for another system out of its npm package into .cache/. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { lockedPackages } from "./support/locked-packages.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";
import { isTarget, type Target, targets } from "./support/targets.ts";

export interface NodeBase {
  readonly version: string;
  readonly executable: string;
  /** The licences of Node and of what it contains. */
  readonly license: string;
}

/** Node for a target, downloaded the first time. Its version and sha512 are those of package-lock.json. */
export function fetchNode(target: Target): NodeBase {
  const { npmPackage, binary } = targets[target];
  const { version, integrity } = lockedPackage(npmPackage);
  const places = [resolve("node_modules", npmPackage), resolve(`.cache/${npmPackage}-${version}`)] as const;
  const folder = places.find((place) => holds(place, version, binary)) ?? download(npmPackage, { version, integrity });
  if (!existsSync(join(folder, binary))) throw new ScriptError(`${npmPackage} holds no ${binary}`);
  return { version, executable: join(folder, binary), license: licenseOf(folder, version) };
}

/** The package for Windows brings none; the running Node's is the same if that is of the same version. */
function licenseOf(folder: string, version: string): string {
  const own = join(folder, "LICENSE");
  if (existsSync(own)) return own;
  const running = join(dirname(realpathSync(process.execPath)), "..", "LICENSE");
  if (process.versions.node === version && existsSync(running)) return running;
  throw new ScriptError(`there is no licence of Node ${version}: run this through npm, which brings that version`);
}

/** npm compared what lies in node_modules with the lock file when it installed it; another version may have come later. */
function holds(folder: string, version: string, binary: string): boolean {
  if (!existsSync(join(folder, binary))) return false;
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as LockedDownload).version === version;
}

interface LockedDownload {
  readonly version: string;
  readonly integrity: string;
}

function lockedPackage(name: string): LockedDownload {
  const { version, integrity } = lockedPackages()[`node_modules/${name}`] ?? {};
  if (!version || !integrity) throw new ScriptError(`package-lock.json does not hold ${name} with its digest`);
  return { version, integrity };
}

function download(npmPackage: string, { version, integrity }: LockedDownload): string {
  const kept = resolve(`.cache/${npmPackage}-${version}`);
  mkdirSync(".cache", { recursive: true });
  const folder = mkdtempSync(".cache/node-");
  try {
    const archive = pack(`${npmPackage}@${version}`, folder);
    const digest = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (digest !== integrity)
      throw new ScriptError(`${npmPackage}@${version} is not what package-lock.json says it is`);
    execFileSync("tar", ["-xzf", archive, "-C", folder]);
    rmSync(kept, { recursive: true, force: true });
    renameSync(join(folder, "package"), kept);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return kept;
}

function pack(what: string, folder: string): string {
  try {
    execFileSync("npm", ["pack", what, "--silent", "--pack-destination", folder], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  } catch {
    throw new ScriptError(
      `${what} could not be fetched: npm pack failed\nIs the registry within reach? It is needed once; after that ${what} is in .cache/.`,
    );
  }
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (archive === undefined) throw new ScriptError(`npm pack brought no archive of ${what}`);
  return join(folder, archive);
}

if (import.meta.main) {
  await reportErrors(() => {
    for (const target of Object.keys(targets).filter(isTarget))
      process.stdout.write(`${fetchNode(target).executable}\n`);
  });
}
