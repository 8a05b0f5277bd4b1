import type { Target } from "../support/targets.ts";
import { pkgMaker } from "./pkg-maker.ts";
import { seaMaker } from "./sea-maker.ts";

/** A way to make one file of Node and the bundles. docs/decisions/11-single-executable.md compares them. */
export type Maker = (job: MakerJob) => void;

export interface MakerJob {
  readonly target: Target;
  /** The prepared Node, see `prepareBase`. */
  readonly base: string;
  /** The bundle that runs. */
  readonly main: string;
  /** What the program reads at run time: name -> file. */
  readonly assets: Readonly<Record<string, string>>;
  /** A folder for what is made on the way. */
  readonly parts: string;
  /** Written in place; whoever calls gives an unfinished name. */
  readonly output: string;
}

export type MakerName = "sea" | "pkg";
export const makers: Readonly<Record<MakerName, Maker>> = { sea: seaMaker, pkg: pkgMaker };

export function isMakerName(name: string): name is MakerName {
  return Object.hasOwn(makers, name);
}
