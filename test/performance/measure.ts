/** One call, measured. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Call } from "./peers/peer.ts";
import type { Cost } from "./timed-command.ts";

export interface Measured extends Omit<Cost, "status"> {
  /** What the program printed, for whoever wants to know. */
  readonly output: string;
}

/** Runs a call and answers what it cost. A program that fails fails the benchmark: its time would mean nothing. */
export function measure({ command, words, env = {}, cwd, accept = [0] }: Call, scratch: string): Measured {
  mkdirSync(scratch, { recursive: true });
  const report = join(scratch, "cost.json");
  rmSync(report, { force: true });
  const timer = [join(import.meta.dirname, "timed-command.ts"), report, command, ...words];
  const { stdout, stderr } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...timer], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...(cwd !== undefined && { cwd }),
    env: { PATH: process.env["PATH"], LANG: "C.UTF-8", TZ: "UTC", ...env },
  });
  const output = stdout + stderr;
  const { status, ...cost } = readCost(report, output);
  if (status !== null && accept.includes(status)) return { ...cost, output };
  throw new Error(`${command} ${words.join(" ")} ended with ${status}:\n${output.slice(-4000)}`);
}

function readCost(report: string, output: string): Cost {
  try {
    return JSON.parse(readFileSync(report, "utf8")) as Cost;
  } catch (cause) {
    throw new Error(`the command did not start:\n${output.slice(-4000)}`, { cause });
  }
}
