/** Node as it goes into an executable: without its symbols. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fetchNode } from "../fetch-node.ts";
import type { Target } from "../support/targets.ts";

/** The programs that can take the symbols out, the machine's own first. */
const strips: Partial<Record<Target, readonly string[]>> = {
  "linux-amd64": process.arch === "x64" ? ["strip", "x86_64-linux-gnu-strip"] : ["x86_64-linux-gnu-strip"],
  "linux-arm64": process.arch === "arm64" ? ["strip", "aarch64-linux-gnu-strip"] : ["aarch64-linux-gnu-strip"],
};

/** What compilers left behind. Nothing loads it, and the injection would point it at other bytes. */
const leftBehind = ["--remove-section=.comment", "--remove-section=.gnu.build.attributes"];

/** The prepared base, kept in build/ for the next time. The injection comes after it: stripping would take out what is injected. */
export function prepareBase(target: Target): string {
  const node = fetchNode(target);
  const strip = process.platform === "linux" ? strips[target]?.find(runs) : undefined;
  if (strip === undefined && strips[target] !== undefined)
    process.stderr.write(
      `build: no ${strips[target].at(-1)} here, so the executable is a quarter larger than it need be\n`,
    );
  const name = `node-${node.version}-${target}`;
  const base = join("build", "bases", strip === undefined ? name : `${name}-stripped`);
  if (existsSync(base)) return base;
  mkdirSync(join("build", "bases"), { recursive: true });
  const unfinished = `${base}.unfinished-${process.pid}`;
  try {
    copyFileSync(node.executable, unfinished);
    if (strip !== undefined) execFileSync(strip, [...leftBehind, unfinished]);
    renameSync(unfinished, base);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return base;
}

function runs(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
