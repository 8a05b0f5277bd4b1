/** The installer for Windows, written by makensis of Debian's package nsis. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, renameSync, rmSync, utimesSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { PackagingError } from "../packaging-error.ts";

export interface InstallerOptions {
  readonly version: string;
  /** What is installed, by the names that `installer.nsi` names. */
  readonly files: readonly string[];
  readonly timeSeconds: number;
  readonly output: string;
  /** A folder for what is made on the way. */
  readonly parts: string;
  readonly fast: boolean;
}

/** Equal files and times give equal bytes. Under its own name the installer is whole, or not there. */
export function writeInstaller({ version, files, timeSeconds, output, parts, fast }: InstallerOptions): void {
  const source = resolve(parts, "installer");
  rmSync(source, { recursive: true, force: true });
  mkdirSync(source, { recursive: true });
  for (const file of files) {
    const copy = join(source, basename(file));
    copyFileSync(file, copy);
    utimesSync(copy, timeSeconds, timeSeconds); // what is installed bears it
  }
  const unfinished = resolve(`${output}.unfinished-${process.pid}`);
  const definitions = [
    `-DVERSION=${version}`,
    `-DSOURCE=${source}`,
    `-DOUTPUT=${unfinished}`,
    ...(fast ? ["-DFAST"] : []),
  ];
  try {
    execFileSync("makensis", ["-V1", ...definitions, "packaging/windows/installer.nsi"], {
      env: { PATH: process.env["PATH"], SOURCE_DATE_EPOCH: String(timeSeconds) },
      stdio: ["ignore", "pipe", "inherit"],
      encoding: "utf8",
    });
    renameSync(unfinished, output);
  } catch (cause) {
    const { code, stdout = "" } = cause as { code?: string; stdout?: string };
    const problem = code === "ENOENT" ? "there is no makensis here" : stdout.trim();
    throw new PackagingError(`the installer cannot be written: ${problem}`, "apt install nsis, and have room for it", {
      cause,
    });
  } finally {
    rmSync(unfinished, { force: true });
  }
}
