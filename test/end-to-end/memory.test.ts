import { spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Workspace } from "./command-line.ts";

const MIB = 1 << 20;
const SMALL_MIB = 250;
const LARGE_MIB = 1000;
/** A third of the difference: what kept every byte, or half of them, would be far beyond it. */
const ALLOWED_MIB = (LARGE_MIB - SMALL_MIB) / 3;

let space: Workspace;
beforeEach((context) => {
  context.skip(process.platform !== "linux", "the peak of a process's memory is read from /proc");
  space = new Workspace();
});
afterEach(() => space?.remove());

/** The most memory that a command had at any time, in MiB (VmHWM of proc_pid_status(5)). */
async function peakOf(...words: readonly string[]): Promise<number> {
  const { command, environment } = space.invocation(...words);
  const child = spawn(command[0] as string, command.slice(1), { env: environment, stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  let peakKib = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
    peakKib = Math.max(peakKib, Number(kib ?? 0));
    await pause(20);
  }
  expect([words, await ended]).toStrictEqual([words, 0]);
  expect(peakKib).toBeGreaterThan(0);
  return peakKib / 1024;
}

function writeNoise(path: string, mebibytes: number): void {
  const part = Buffer.alloc(MIB);
  const file = openSync(path, "w");
  for (let written = 0; written < mebibytes; written++) writeSync(file, randomFillSync(part));
  closeSync(file);
}

test("I-10 no command takes more memory for four times the content", async () => {
  const peaks: Record<string, number>[] = [];
  for (const mebibytes of [SMALL_MIB, LARGE_MIB]) {
    mkdirSync(space.path("tree"));
    writeNoise(space.path("tree", "noise"), mebibytes);
    expect(space.plakar("create").code).toBe(0);
    const backup = await peakOf("backup", space.path("tree"));
    rmSync(space.path("tree"), { recursive: true });
    const check = await peakOf("check");
    const cat = await peakOf("cat", "latest:noise");
    const restore = await peakOf("restore", "-to", space.path("back"));
    peaks.push({ backup, check, cat, restore });
    for (const path of [space.store, space.path("back")]) rmSync(path, { recursive: true });
  }
  const [small = {}, large = {}] = peaks;
  const shown = Object.keys(small).map((name) => `${name} ${small[name]?.toFixed()} and ${large[name]?.toFixed()} MiB`);
  process.stdout.write(`peaks for ${SMALL_MIB} and ${LARGE_MIB} MiB of content: ${shown.join(", ")}\n`);
  for (const [name, peak] of Object.entries(large)) expect(peak - (small[name] ?? 0), name).toBeLessThan(ALLOWED_MIB);
});
