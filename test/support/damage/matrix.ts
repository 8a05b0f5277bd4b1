import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { CUT_STEP_BYTES, type DamageCase, damageCases, type Manner, manners } from "./damage-cases.ts";
import { judge } from "./judgement.ts";
import { type Knowledge, learn } from "./knowledge.ts";
import { restoreFaults } from "./real-restore.ts";
import { sampleStore } from "./sample-stores.ts";

/** What became of the cases of one manner. */
export interface MatrixRow {
  readonly store: string;
  readonly manner: Manner;
  cases: number;
  refused: number;
  found: number;
  /** Of these check had snapshots and paths to name, and named them all. */
  named: number;
  missed: number;
  /** Cases with something wrong: bytes, an empty answer, an exit code, a path that was not named. */
  faulty: number;
  /** Cases in which the restore of the command line wrote to a disk. */
  restored: number;
}

export interface MatrixOptions {
  /** How many of the cases, chosen by a seed; undefined takes all. */
  readonly sample?: { readonly flips: number; readonly cuts: number; readonly seed: number };
  /** Every so many cases are restored in earnest. */
  readonly restoreEvery: number;
}

export interface MatrixResult {
  readonly rows: readonly MatrixRow[];
  /** The first of them. */
  readonly faults: readonly string[];
}

const MOST_FAULTS = 40;

/** Runs the cases of one store. */
export async function runMatrix(name: string, options: MatrixOptions): Promise<MatrixResult> {
  const known = await learn(await sampleStore(name));
  const rows = new Map(manners.map((manner) => [manner, emptyRow(name, manner)]));
  const faults: string[] = [];
  const scratch = mkdtempSync(join(tmpdir(), "plakar-matrix-"));
  try {
    let count = 0;
    for (const make of chosenCases(known, options)) {
      const damage = make();
      const row = rows.get(damage.manner) as MatrixRow;
      const isRestored = count++ % options.restoreEvery === 0;
      const found = await runCase(known, damage, isRestored ? join(scratch, `${count}`) : undefined, row);
      if (faults.length < MOST_FAULTS) faults.push(...found.map((fault) => `${name}: ${damage.title}: ${fault}`));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return { rows: [...rows.values()].filter(({ cases }) => cases > 0), faults };
}

async function runCase(
  known: Knowledge,
  damage: DamageCase,
  target: string | undefined,
  row: MatrixRow,
): Promise<readonly string[]> {
  const { found, named, faults } = await judge(known, damage);
  row.cases++;
  if (found === "refused") row.refused++;
  else if (found === "check") row.found++;
  else row.missed++;
  if (named) row.named++;
  const all = [...faults];
  if (target !== undefined && found !== "refused") {
    row.restored++;
    all.push(...(await restoreFaults(known, damage, target)));
  }
  if (all.length > 0) row.faulty++;
  return all;
}

function emptyRow(store: string, manner: Manner): MatrixRow {
  return { store, manner, cases: 0, refused: 0, found: 0, named: 0, missed: 0, faulty: 0, restored: 0 };
}

/** All that are few; flips and cuts at places that the seed chooses. */
function chosenCases({ sample: { image } }: Knowledge, { sample }: MatrixOptions): Iterable<() => DamageCase> {
  if (!sample) return damageCases(image);
  const random = new SeededRandom(sample.seed);
  const bytes = [...image.values()].reduce((sum, { length }) => sum + length, 0);
  return damageCases(image, {
    flip: () => random.below(bytes) < sample.flips,
    cut: () => random.below(Math.ceil(bytes / CUT_STEP_BYTES)) < sample.cuts,
  });
}

/** For people and for docs/damage.md. */
export function tableOf(rows: readonly MatrixRow[]): string {
  const lines = rows.map(({ store, manner, cases, refused, found, named, missed, faulty, restored }) =>
    [store, manner, cases, refused, found, named, missed, faulty, restored].join(" | "),
  );
  const heads =
    "store | damage | cases | refused at opening | found by check | hits named | missed | faults | restored";
  return [heads, "---|---|---|---|---|---|---|---|---", ...lines].map((line) => `| ${line} |`).join("\n");
}
