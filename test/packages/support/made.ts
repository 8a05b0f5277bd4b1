/** Packages made by the real script, as a person would make them. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const project: string = join(import.meta.dirname, "..", "..", "..");

/** Another time than the last commit's, so that it cannot come from there by chance. */
export const releaseDay = "2020-09-13";
const releaseTime = "1600000000";

export interface Wish {
  readonly version: string;
  readonly only?: readonly string[];
  readonly target?: string;
  readonly to: string;
  /** Compressed as for a release. */
  readonly whole?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Makes packages, and answers their paths, sorted. */
export function makePackages({
  version,
  only = [],
  target = hostTarget(),
  to,
  whole = false,
  env = {},
}: Wish): string[] {
  const words = ["--target", target, "--version", version, "--to", to, ...only.flatMap((kind) => ["--only", kind])];
  execFileSync(process.execPath, [join(project, "scripts/package.ts"), ...words, ...(whole ? [] : ["--fast"])], {
    cwd: project,
    env: { ...process.env, SOURCE_DATE_EPOCH: releaseTime, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  return globSync("**/*.{deb,rpm,apk,tar.gz,zip,exe}", { cwd: to })
    .toSorted()
    .map((file) => join(to, file));
}

/** The script as it ends, for what it refuses. */
export function tryPackages(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [join(project, "scripts/package.ts"), ...words], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, SOURCE_DATE_EPOCH: releaseTime, ...env },
  });
  return { status, stderr };
}

function hostTarget(): string {
  return `linux-${process.arch === "x64" ? "amd64" : process.arch}`;
}

/** What rpm and apk call this machine. */
export const gnuArchitecture: string = process.arch === "x64" ? "x86_64" : "aarch64";

/** Which of these programs this machine has not. Some answer `--version` with an error, but answer. */
export function missing(...programs: string[]): string[] {
  return programs.filter((program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error !== undefined);
}

export function run(command: string, ...words: string[]): string {
  return execFileSync(command, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
