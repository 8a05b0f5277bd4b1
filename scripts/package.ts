/** The sources as packages in dist/packages. `npm run package -- --help` says how to call it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { changesOf, debianChangelog } from "../packaging/deb/changelog.ts";
import { findNfpm, type PackageDescription, writePackage } from "../packaging/nfpm-wrapper/index.ts";
import { describePlakar, maintainer, type PlakarFiles, type PlakarRelease } from "../packaging/plakar.ts";
import { buildExecutable } from "./build.ts";
import { fetchNfpm } from "./fetch-nfpm.ts";
import { releaseTime } from "./support/release-time.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";

const usage = `usage: npm run package -- [--only KIND] [--version VERSION] [--target TARGET] [--to DIRECTORY]
  --only      what to make: deb (the default: everything there is)
  --version   what the release is called; package.json's version by default
  --target    linux-amd64 or linux-arm64: the machine this runs on, by default
  --to        where it goes; dist/packages by default`;

const kinds = ["deb"] as const;
const architectures = { "linux-amd64": "amd64", "linux-arm64": "arm64" } as const;
type Target = keyof typeof architectures;

interface Request {
  readonly version: string;
  readonly target: Target;
  readonly folder: string;
}

async function main(): Promise<void> {
  const request = readRequest(process.argv.slice(2));
  if (request === undefined) return void process.stdout.write(`${usage}\n`);
  await makeDeb(request);
}

/** Undefined when help was asked for. Throws a ScriptError with exit code 2 on anything it does not know. */
function readRequest(argv: string[]): Request | undefined {
  const values = readOptions(argv);
  if (values.help === true) return undefined;
  const only = values.only ?? "deb";
  if (!kinds.some((kind) => kind === only))
    refuse(`no packages of kind "${only}" are made yet; there is: ${kinds.join(", ")}`);
  const host = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const target = values.target ?? host;
  if (!isTarget(target) || target !== host)
    refuse(`packages for "${target}" are not made on this machine yet; there is: ${host}`);
  const version = values.version ?? packageVersion();
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/.test(version))
    refuse(`"${version}" is not a version such as 1.2.3 or 1.2.3-rc.1`);
  return { version, target, folder: values.to ?? "dist/packages" };
}

function readOptions(argv: string[]): {
  only?: string;
  version?: string;
  target?: string;
  to?: string;
  help?: boolean;
} {
  const text = { type: "string" } as const;
  try {
    const options = {
      only: text,
      version: text,
      target: text,
      to: text,
      help: { type: "boolean", short: "h" },
    } as const;
    return parseArgs({ args: argv, options }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function refuse(problem: string): never {
  throw new ScriptError(`package: ${problem} (--help says more)`, 2);
}

function isTarget(target: string): target is Target {
  return Object.hasOwn(architectures, target);
}

function packageVersion(): string {
  return (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;
}

async function makeDeb({ version, target, folder }: Request): Promise<void> {
  const parts = join("build", "packages", target);
  rmSync(parts, { recursive: true, force: true });
  const executable = join(parts, "plakar");
  await buildExecutable({ output: executable, parts, target, ...(version !== packageVersion() && { version }) });
  requireVersion(executable, version);
  const release = { version, architecture: architectures[target], timeSeconds: releaseTime() };
  write(describePlakar(release, collectFiles(executable, parts, release)), parts, folder);
}

/** A package must not lie about what is in it. */
function requireVersion(executable: string, version: string): void {
  const answer = execFileSync(executable, ["version"], { encoding: "utf8" });
  if (answer.split(/\s+/).some((word) => word === version || word === `v${version}`)) return;
  throw new ScriptError(`package: the executable says "${answer.trim()}", not ${version}`);
}

function collectFiles(executable: string, parts: string, release: PlakarRelease): PlakarFiles {
  const changes = existsSync("CHANGELOG.md") ? changesOf(readFileSync("CHANGELOG.md", "utf8"), release.version) : [];
  const changelog = debianChangelog({ ...release, maintainer, changes });
  const nodeLicense = join(dirname(realpathSync(process.execPath)), "..", "LICENSE");
  if (!existsSync(nodeLicense)) throw new ScriptError(`package: Node's licence is missing: ${nodeLicense}`);
  return {
    executable,
    changelog: compress(changelog, join(parts, "changelog.gz")),
    nodeLicense: compress(readFileSync(nodeLicense), join(parts, "LICENSE.node.gz")),
    manPages: new Map(
      manualPages(executable).map(([name, page]) => [`${name}.gz`, compress(page, join(parts, "man", `${name}.gz`))]),
    ),
  };
}

/** Manual pages by file name. The executable itself has them, from the definitions of its commands. */
function manualPages(executable: string): [string, string][] {
  const ask = (...words: string[]): string => execFileSync(executable, ["help", ...words], { encoding: "utf8" });
  const commands = ask("-json")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { name: string }).name);
  return [
    ["plakar.1", ask("-man")],
    ...commands.toSorted().map((name): [string, string] => [`plakar-${name}.1`, ask("-man", name)]),
  ];
}

function compress(content: string | Uint8Array, target: string): string {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, gzipSync(content, { level: 9 })); // Node writes no time into the header
  return target;
}

function write(description: PackageDescription, parts: string, folder: string): void {
  const output = join(folder, `plakar_${description.version}_${description.architecture}.deb`);
  writePackage(description, { nfpm: findNfpm(fetchNfpm), format: "deb", output, parts });
  process.stdout.write(`${output}  ${(statSync(output).size / 1e6).toFixed(1)} MB\n`);
}

if (import.meta.main) await reportErrors(main);
