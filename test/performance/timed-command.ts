/**
 * `timed-command.ts REPORT COMMAND WORD...`: runs a command in a process of its own and writes what it cost to a file. The
 * largest of its processes counts for memory: getrusage(2) tells that of all children that were waited for, which is why
 * every command is given a parent of its own. That parent's size at the start, about 50 MB, is the least it can tell.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

export interface Cost {
  readonly wallMs: number;
  /** User and system. */
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly status: number | null;
}

const RUSAGE_CHILDREN = -1;

/** Of all children so far: 64-bit Linux lays out struct rusage as two timevals and fourteen longs. */
function usageOfChildren(): { cpuMs: number; peakBytes: number } {
  const ffi = createRequire(import.meta.url)("node:ffi") as typeof import("node:ffi");
  const library = new ffi.DynamicLibrary(null);
  const getrusage = library.getFunction("getrusage", { return: "int32", arguments: ["int32", "buffer"] });
  const usage = Buffer.alloc(144);
  if (getrusage(RUSAGE_CHILDREN, usage) !== 0) throw new Error("getrusage failed");
  const at = (index: number): number => Number(usage.readBigInt64LE(index * 8));
  return { cpuMs: (at(0) + at(2)) * 1000 + (at(1) + at(3)) / 1000, peakBytes: at(4) * 1024 };
}

const [report = "", command = "", ...words] = process.argv.slice(2);
const started = performance.now();
const { status, error } = spawnSync(command, words, { stdio: ["ignore", "inherit", "inherit"] });
const wallMs = performance.now() - started;
if (error) throw error;
writeFileSync(report, JSON.stringify({ wallMs, ...usageOfChildren(), status } satisfies Cost));
