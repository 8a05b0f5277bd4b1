import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const releaseTime = "1600000000";

export interface Trial {
  readonly code: number | null;
  readonly output: string;
}

/** A trial of a release of this machine's packages. It is killed when it says `killAt`. */
export function tryRelease(
  folder: string,
  options: { readonly version?: string; readonly killAt?: RegExp } = {},
): Promise<Trial> {
  const { version = "0.0.7", killAt } = options;
  const words = [
    "--dry-run",
    "--fast",
    "--target",
    `linux-${process.arch === "x64" ? "amd64" : "arm64"}`,
    "--version",
    version,
  ];
  const { PLAKAR_RELEASE_PGP_KEY: _pgp, PLAKAR_RELEASE_APK_KEY: _apk, GITHUB_TOKEN: _token, ...env } = process.env;
  const child = spawn(process.execPath, ["scripts/release.ts", ...words], {
    cwd: folder,
    env: { ...env, SOURCE_DATE_EPOCH: releaseTime },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const hear = (part: Buffer): void => {
    output += part.toString();
    // the whole group: nothing that it has started may go on
    if (killAt?.test(output) && child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

/** SHA-256 of every file below a folder, by its path there. */
export function digestsOf(folder: string): Record<string, string> {
  const files = globSync("**/*", { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile());
  const pairs = files.map((entry): [string, string] => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(folder.length + 1), createHash("sha256").update(readFileSync(path)).digest("hex")];
  });
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
