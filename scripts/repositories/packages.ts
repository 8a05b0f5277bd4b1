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

export interface PackageOptions {
  readonly kinds: readonly RepositoryKind[];
  /** Where every package goes; undefined is by its version. */
  readonly suites: readonly string[] | undefined;
  /** Insists on what a release has to have: checksums, and every kind for each version. */
  readonly release: boolean;
}

/** Every package in a folder. Refuses what is not finished: anything cut short, or other than its checksum says. */
export function readPackages(folder: string, { kinds, suites, release }: PackageOptions): Addition[] {
  const paths = globSync("**/*", { cwd: folder }).toSorted();
  const unfinished = paths.find((path) => path.includes(".unfinished"));
  if (unfinished !== undefined) throw halfWritten(folder, `${unfinished} is still being written, or was left behind`);
  const checksums = readChecksums(folder, release);
  const files = paths.flatMap((path) => {
    const kind = kinds.find(({ extension }) => path.endsWith(extension));
    if (kind === undefined) return [];
    const content = readFileSync(join(folder, path));
    requireChecksum(folder, path, content, checksums);
    return [kind.readPackage(basename(path), content)];
  });
  if (files.length === 0) throw halfWritten(folder, "there are no packages in it");
  if (release) requireEveryKind(folder, files, kinds);
  return files.map((file) => ({ file, suites: suites ?? suitesOf(file) }));
}

/** `stable` and the suite of the line, such as `0.1`, for a release; `beta` for what precedes one. */
function suitesOf({ fileName, version }: PackageFile): string[] {
  const [, line, rest] = /^(?:\d+:)?(\d+\.\d+)(?:\.\d+)*(.*)$/.exec(version) ?? [];
  if (line === undefined || rest === undefined)
    throw new RepositoryError("input", `${fileName}: ${version} belongs to no suite`, "name one with --suite");
  return /^[~_]/.test(rest) ? ["beta"] : ["stable", line];
}

function readChecksums(folder: string, release: boolean): ReadonlyMap<string, string> | undefined {
  const file = join(folder, "SHA256SUMS");
  if (existsSync(file)) {
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  }
  if (release) throw halfWritten(folder, "there is no SHA256SUMS in it");
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
  if (expected === undefined) throw halfWritten(folder, `${path} is not in SHA256SUMS`);
  const digest = createHash("sha256").update(content).digest("hex");
  if (digest !== expected) throw halfWritten(folder, `${path} is not what SHA256SUMS says`);
}

/** A version that only some of the systems get was not made to its end. */
function requireEveryKind(folder: string, files: readonly PackageFile[], kinds: readonly RepositoryKind[]): void {
  const missing = kinds
    .filter(({ name }) => !files.some((file) => file.kind === name))
    .map(({ extension }) => extension);
  if (missing.length > 0) throw halfWritten(folder, `there is no ${missing.join(" and no ")} in it`);
}

function halfWritten(folder: string, problem: string): RepositoryError {
  return new RepositoryError("damaged-package", `${folder}: ${problem}`, "make the packages again: npm run package");
}
