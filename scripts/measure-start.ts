/**
 * `npm run measure-start -- [EXECUTABLE...]`: what `EXECUTABLE version` costs more than `node -e 0`, in milliseconds. Each run
 * of one is followed by a run of the other, and the differences of such pairs are compared: whatever else the machine does hits both.
 */
import { spawnSync } from "node:child_process";
import { median } from "./support/median.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";

const pairs = 30;
const [shell, ...emptyProgram] = [process.execPath, "-e", "0"];

function timeMs(program: string, words: readonly string[]): number {
  const started = performance.now();
  const { status, error } = spawnSync(program, words, { stdio: "ignore" });
  if (status !== 0) throw new ScriptError(`${program} failed: ${error?.message ?? `exit code ${status}`}`);
  return performance.now() - started;
}

function measure(executable: string): void {
  timeMs(executable, ["version"]); // into the cache of files
  const runs = Array.from({ length: pairs }, () => ({
    node: timeMs(shell ?? "", emptyProgram),
    program: timeMs(executable, ["version"]),
  }));
  const show = (values: readonly number[]): string =>
    `${median(values).toFixed(1)} (least ${Math.min(...values).toFixed(1)})`;
  const nodes = runs.map(({ node }) => node);
  const programs = runs.map(({ program }) => program);
  const difference = median(runs.map(({ node, program }) => program - node));
  process.stdout.write(
    `${executable} version: ${show(programs)} ms; node -e 0: ${show(nodes)} ms; median of ${pairs} differences: ${difference.toFixed(1)} ms\n`,
  );
}

await reportErrors(() => {
  const named = process.argv.slice(2);
  for (const executable of named.length > 0 ? named : ["dist/plakar"]) measure(executable);
});
