/** Processes that a command left behind on purpose: daemons that keep states or keys. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Background } from "./peer.ts";

/** Ends the processes whose command line names a path that only this round knows, and tells what they took together. */
export async function endProcessesOf(path: string): Promise<Background | undefined> {
  const found = processesOf(path);
  if (found.length === 0) return undefined;
  const costs = found.map(costOf);
  for (const pid of found) process.kill(pid, "SIGTERM");
  for (let tries = 0; tries < 200 && processesOf(path).length > 0; tries++) await pause(25);
  return {
    cpuMs: costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    peakBytes: Math.max(...costs.map(({ peakBytes }) => peakBytes)),
  };
}

function processesOf(path: string): number[] {
  return readdirSync("/proc")
    .filter(
      (name) =>
        /^\d+$/.test(name) &&
        read(`/proc/${name}/cmdline`)
          .split("\0")
          .some((word) => word.includes(path)),
    )
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

/** proc(5): the fourteenth and fifteenth field of stat are ticks of a hundredth of a second. */
function costOf(pid: number): Background {
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /, "")
    .split(" ");
  const peakKiB = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "0";
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, peakBytes: Number(peakKiB) * 1024 };
}

/** Empty for a process that has gone. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
