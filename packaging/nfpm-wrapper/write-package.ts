import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PrivateKey } from "openpgp";
import { PackagingError } from "../packaging-error.ts";
import { toChangelog, toConfiguration } from "./configuration.ts";
import { compressData } from "./deb-compression.ts";
import type { PackageDescription, PackageFormat } from "./description.ts";
import { type ApkKey, signApk } from "./sign-apk.ts";
import { signRpm } from "./sign-rpm.ts";

export interface WriteOptions {
  /** The nfpm to run, see `findNfpm`. */
  readonly nfpm: string;
  readonly format: PackageFormat;
  readonly output: string;
  /** A folder for what is made on the way; nfpm's configuration is left there, for whoever wants to see it. */
  readonly parts: string;
  /** Who signs. A deb needs none: apt's repository is signed. */
  readonly keys: PackageKeys | undefined;
  /** Larger packages, much sooner. */
  readonly fast: boolean;
}

export interface PackageKeys {
  /** Unlocked. */
  readonly rpm: PrivateKey;
  readonly apk: ApkKey;
}

/** Writes one package. Equal files, times and keys give equal bytes. Under its own name it is whole, or not there. */
export async function writePackage(description: PackageDescription, options: WriteOptions): Promise<void> {
  const { nfpm, format, output, parts, fast } = options;
  const configuration = join(parts, `nfpm-${format}.json`);
  const made = join(parts, `nfpm.${format}`);
  mkdirSync(parts, { recursive: true });
  const dated = { ...description, scripts: dateScripts(description, parts) };
  const changelog = join(parts, "changelog.json");
  writeFileSync(changelog, toChangelog(description));
  writeFileSync(configuration, toConfiguration(dated, { format, fast, changelog }));
  run(nfpm, ["package", "--config", configuration, "--packager", format, "--target", made], description.timeSeconds);
  const unfinished = `${output}.unfinished-${process.pid}`;
  try {
    const finished = await finish(readFileSync(made), description, options);
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(unfinished, finished);
    renameSync(unfinished, output);
  } finally {
    rmSync(unfinished, { force: true });
    rmSync(made, { force: true });
  }
}

/** nfpm puts the modification time of a script's file into an apk, to the nanosecond, whatever it is told. */
function dateScripts({ scripts, timeSeconds }: PackageDescription, parts: string): PackageDescription["scripts"] {
  const dated = Object.entries(scripts).map(([name, source]) => {
    const copy = join(parts, `${name}.sh`);
    copyFileSync(source, copy);
    utimesSync(copy, timeSeconds, timeSeconds);
    return [name, copy];
  });
  return Object.fromEntries(dated) as PackageDescription["scripts"];
}

function run(nfpm: string, words: string[], timeSeconds: number): void {
  try {
    // nothing else of the environment, so that it cannot change the package
    const env = { PATH: process.env["PATH"], SOURCE_DATE_EPOCH: String(timeSeconds) };
    execFileSync(nfpm, words, { env, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  } catch (cause) {
    const { stderr = "" } = cause as { stderr?: string };
    const isFull = stderr.includes("no space left on device");
    const advice = isFull ? "make room, and run this again" : "what it was given is in its configuration";
    throw new PackagingError(`nfpm failed: ${stderr.trim()}`, `${advice} (${words[2]})`, { cause });
  }
}

async function finish(
  made: Uint8Array,
  { timeSeconds }: PackageDescription,
  { format, keys, fast }: WriteOptions,
): Promise<Uint8Array> {
  if (format === "deb") return compressData(made, fast ? "gzip" : "xz");
  if (keys === undefined) throw new Error(`there is no key for ${format}`);
  return format === "rpm" ? signRpm(made, keys.rpm, timeSeconds) : signApk(made, keys.apk);
}
