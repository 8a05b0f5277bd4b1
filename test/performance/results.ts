/** What was measured, and what is typical of it. */
import { median } from "../../scripts/support/median.ts";
import type { Sample } from "./rounds.ts";

export interface Results {
  readonly machine: string;
  readonly rounds: number;
  /** 1 is the full size of the trees. */
  readonly scale: number;
  readonly peers: readonly { readonly name: string; readonly version: string }[];
  readonly missing: readonly string[];
  readonly samples: readonly Sample[];
}

export interface Cell {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly storeBytes: number;
}

/** The median of all rounds; undefined where nothing was measured. */
export function cellOf({ samples }: Results, corpus: string, work: string, peer: string): Cell | undefined {
  const own = samples.filter((each) => each.corpus === corpus && each.work === work && each.peer === peer);
  if (own.length === 0) return undefined;
  const of = (pick: (sample: Sample) => number): number => median(own.map(pick));
  return {
    wallMs: of(({ wallMs }) => wallMs),
    cpuMs: of(({ cpuMs }) => cpuMs),
    peakBytes: of(({ peakBytes }) => peakBytes),
    storeBytes: of(({ storeBytes = 0 }) => storeBytes),
  };
}

export function corporaIn({ samples }: Results): string[] {
  return [...new Set(samples.map(({ corpus }) => corpus))];
}

/** What worked on beside the commands of one round, in the mean of all rounds; undefined where nothing did. */
export function backgroundOf(
  { samples, rounds }: Results,
  corpus: string,
  peer: string,
): Pick<Cell, "cpuMs" | "peakBytes"> | undefined {
  const own = samples.filter((each) => each.corpus === corpus && each.work === "background" && each.peer === peer);
  if (own.length === 0) return undefined;
  const cpuMs = own.reduce((sum, each) => sum + each.cpuMs, 0) / rounds;
  return { cpuMs, peakBytes: Math.max(...own.map(({ peakBytes }) => peakBytes)) };
}
