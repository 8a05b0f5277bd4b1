/** Node as it goes into an executable: without its symbols, and for Alpine with the place of its own loader. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fetchNode } from "../fetch-node.ts";
import { ScriptError } from "../support/script-error.ts";
import type { Target } from "../support/targets.ts";

/** Where an executable for Linux finds its loader and libraries, when they are not the system's. */
export interface OwnLibraries {
  /** Absolute, on the user's machine. */
  readonly folder: string;
  readonly loader: string;
}

/** The programs that can take the symbols out, the machine's own first. */
const strips: Partial<Record<Target, readonly string[]>> = {
  "linux-amd64": process.arch === "x64" ? ["strip", "x86_64-linux-gnu-strip"] : ["x86_64-linux-gnu-strip"],
  "linux-arm64": process.arch === "arm64" ? ["strip", "aarch64-linux-gnu-strip"] : ["aarch64-linux-gnu-strip"],
};

/** The prepared base, kept in build/ for the next time. All changes come before the injection: later ones would harm what is injected. */
export function prepareBase(target: Target, own?: OwnLibraries): string {
  const node = fetchNode(target);
  const strip = process.platform === "linux" ? strips[target]?.find(runs) : undefined;
  if (strip === undefined && strips[target] !== undefined)
    process.stderr.write(
      `build: no ${strips[target].at(-1)} here, so the executable is a quarter larger than it need be\n`,
    );
  const marks = [...(strip === undefined ? [] : ["stripped"]), ...(own === undefined ? [] : [basename(own.folder)])];
  const base = join("build", "bases", [`node-${node.version}-${target}`, ...marks].join("-"));
  if (existsSync(base)) return base;
  mkdirSync(join("build", "bases"), { recursive: true });
  const unfinished = `${base}.unfinished-${process.pid}`;
  try {
    copyFileSync(node.executable, unfinished);
    if (strip !== undefined) execFileSync(strip, [unfinished]);
    if (own !== undefined) useOwnLibraries(unfinished, own);
    renameSync(unfinished, base);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return base;
}

/** RPATH, not RUNPATH: it goes for the libraries of libraries too, and before the user's LD_LIBRARY_PATH. */
function useOwnLibraries(executable: string, { folder, loader }: OwnLibraries): void {
  if (!runs("patchelf"))
    throw new ScriptError(
      "build: no patchelf here, which an executable with its own libraries needs (apt install patchelf)",
    );
  // pages of 64 KiB are the largest that Linux has on arm64
  const pages = ["--page-size", "65536"];
  execFileSync("patchelf", [...pages, "--set-interpreter", `${folder}/${loader}`, executable]);
  execFileSync("patchelf", [...pages, "--force-rpath", "--set-rpath", folder, executable]);
}

function runs(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
