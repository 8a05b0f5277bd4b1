/** What `npm run package` has made, for the repositories. */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type Addition,
  type PackageFile,
  RepositoryError,
  type RepositoryKind,
} from "../../packaging/repositories/index.ts";
import { suitesOfPackage } from "./suites.ts";

export interface PackageOptions {
  readonly kinds: readonly RepositoryKind[];
  /** Where every package goes; undefined is by its version. */
  readonly suites: readonly string[] | undefined;
  /** Insists on what a release has to have: checksums, and every kind for each version and architecture. */
  readonly release: boolean;
  /** Exactly these, by their paths in the folder; undefined is every package that lies there. */
  readonly files: readonly string[] | undefined;
}

/** Packages of a folder. Refuses what is not finished: anything cut short, missing, or other than its checksum says. */
export function readPackages(folder: string, { kinds, suites, release, files }: PackageOptions): Addition[] {
  const checksums = readChecksums(folder, release);
  const kindOf = (path: string): RepositoryKind | undefined => kinds.find(({ extension }) => path.endsWith(extension));
  const paths = files ?? everyPath(folder, [...(checksums?.keys() ?? [])].filter(kindOf));
  const packages = paths.flatMap((path) => {
    const kind = kindOf(path);
    if (kind === undefined && files !== undefined) throw notWhole(folder, `${path} is no package`);
    if (kind === undefined) return [];
    if (!existsSync(join(folder, path))) throw notWhole(folder, `${path} is not there`);
    const content = readFileSync(join(folder, path));
    requireChecksum(folder, path, content, checksums);
    return [kind.readPackage(basename(path), content)];
  });
  if (packages.length === 0) throw notWhole(folder, "there are no packages in it");
  if (release) requireEveryKind(folder, packages, kinds);
  return packages.map((file) => ({ file, suites: suites ?? suitesOfPackage(file) }));
}

/** Everything that lies there. What SHA256SUMS names beyond that was lost, or is made only just now. */
function everyPath(folder: string, listed: readonly string[]): string[] {
  const paths = globSync("**/*", { cwd: folder })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted();
  const unfinished = paths.find((path) => path.includes(".unfinished"));
  if (unfinished !== undefined) throw notWhole(folder, `${unfinished} is still being written, or was left behind`);
  const there = new Set(paths);
  const lost = listed.filter((path) => !there.has(path));
  if (lost.length > 0) throw notWhole(folder, `SHA256SUMS names what is not there: ${lost.join(", ")}`);
  return paths;
}

function readChecksums(folder: string, release: boolean): ReadonlyMap<string, string> | undefined {
  const file = join(folder, "SHA256SUMS");
  if (existsSync(file)) {
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  }
  if (release) throw notWhole(folder, "there is no SHA256SUMS in it");
  process.stderr.write(`${folder} has no SHA256SUMS: packages are taken as they are\n`);
  return undefined;
}

function requireChecksum(
  folder: string,
  path: string,
  content: Uint8Array,
  checksums: ReadonlyMap<string, string> | undefined,
): void {
  if (checksums === undefined) return;
  const expected = checksums.get(path);
  if (expected === undefined) throw notWhole(folder, `${path} is not in SHA256SUMS`);
  const digest = createHash("sha256").update(content).digest("hex");
  if (digest !== expected) throw notWhole(folder, `${path} is not what SHA256SUMS says`);
}

/** A version that only some of the systems, or only some architectures of one, get was not made to its end. */
function requireEveryKind(folder: string, files: readonly PackageFile[], kinds: readonly RepositoryKind[]): void {
  const missing = [...Map.groupBy(files, releaseOf)].flatMap(([release, of]) =>
    kinds
      .filter(({ name }) => !of.some((file) => file.kind === name))
      .map(({ extension }) => `there is no ${extension} of ${release}`),
  );
  if (missing.length > 0) throw notWhole(folder, missing.join("; "));
}

const architectures: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64", noarch: "all" };

/** What the kinds have in common under versions and architectures of their own. */
function releaseOf({ name, version, architecture }: PackageFile): string {
  const [, numbers = version, rest = ""] = /^(?:\d+:)?(\d+(?:\.\d+)*)(.*)$/.exec(version) ?? [];
  const isRelease = !/^[~_]/.test(rest);
  return `${name} ${numbers}${isRelease ? "" : " (before its release)"} for ${architectures[architecture] ?? architecture}`;
}

function notWhole(folder: string, problem: string): RepositoryError {
  return new RepositoryError("damaged-package", `${folder}: ${problem}`, "make the packages again: npm run package");
}
