/** Rounds: every program does the same work on the same tree, one after the other, in an order that changes. */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { compareTrees } from "./compare-trees.ts";
import type { Corpus } from "./corpora.ts";
import { type Measured, measure } from "./measure.ts";
import type { Call, Peer, Place } from "./peers/peer.ts";

/** In the order in which they are done. */
export const works = ["create", "first", "again", "changed", "restore", "check"] as const;
export type Work = (typeof works)[number];

/** One row of the results. */
export interface Sample {
  readonly corpus: string;
  readonly round: number;
  readonly peer: string;
  readonly work: Work | "background" | "store";
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  /** Only of `store`: what the store takes after the first backup, in files of this many bytes together. */
  readonly storeBytes?: number;
}

export interface Plan {
  readonly folder: string;
  readonly peers: readonly Peer[];
  readonly corpora: readonly Corpus[];
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** Runs everything; throws when a program fails or brings back something else than it was given. */
export async function runRounds(plan: Plan): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const corpus of plan.corpora) {
    const tree = join(plan.folder, corpus.name);
    plan.say(`making ${corpus.name}: ${corpus.what}`);
    mkdirSync(tree, { recursive: true });
    corpus.make(tree);
    for (let round = 1; round <= plan.rounds; round++) samples.push(...(await runRound(plan, { corpus, tree, round })));
    rmSync(tree, { recursive: true });
  }
  return samples;
}

interface Round {
  readonly corpus: Corpus;
  readonly tree: string;
  readonly round: number;
}

async function runRound(plan: Plan, { corpus, tree, round }: Round): Promise<Sample[]> {
  // who comes first finds another machine than who comes last
  const order = round % 2 === 1 ? plan.peers : plan.peers.toReversed();
  const samples: Sample[] = [];
  const base = { corpus: corpus.name, round };
  for (const work of works) {
    if (work === "changed") corpus.change(tree, round);
    readAll(tree);
    const restoredTrees = join(plan.folder, "restored");
    for (const peer of order) {
      const place = placeOf(plan, peer);
      if (work === "create") makePlace(place);
      else if (peer.warmUp) measure(peer.warmUp(place), plan.folder);
      const to = join(restoredTrees, basename(dirname(place.home)));
      const measured = doWork(peer, work, place, { tree, to, scratch: plan.folder });
      samples.push({ ...base, peer: peer.name, work, ...costOf(measured) });
      plan.say(`${corpus.name} ${round}/${plan.rounds} ${work.padEnd(8)}${peer.name.padEnd(12)}${describe(measured)}`);
      const left = work === "create" ? undefined : peer.coolDown?.(place);
      if (left) samples.push({ ...base, peer: peer.name, work: "background", ...nothing, ...left });
      if (work === "first")
        samples.push({ ...base, peer: peer.name, work: "store", ...nothing, storeBytes: bytesIn(place.store) });
    }
    // not before all are done: ext4 without a journal searches long for inodes where some were freed a moment ago
    rmSync(restoredTrees, { recursive: true, force: true });
  }
  for (const peer of order) {
    const place = placeOf(plan, peer);
    const background = await peer.settle?.(place);
    if (background) samples.push({ ...base, peer: peer.name, work: "background", ...nothing, ...background });
    rmSync(join(place.home, ".."), { recursive: true, force: true });
  }
  return samples;
}

const nothing = { wallMs: 0, cpuMs: 0, peakBytes: 0 };

/** Short, since sockets may lie in HOME. */
function placeOf({ folder }: Plan, peer: Peer): Place {
  const own = join(folder, peer.name.replaceAll(/\W+/g, "-"));
  return { store: join(own, "store"), home: join(own, "home") };
}

function makePlace({ home }: Place): void {
  rmSync(join(home, ".."), { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
}

interface Scene {
  readonly tree: string;
  readonly to: string;
  readonly scratch: string;
}

function doWork(peer: Peer, work: Work, place: Place, { tree, to, scratch }: Scene): Measured[] {
  const run = (call: Call): Measured => {
    // what others have written is on the disk before it starts, and not while it works
    execFileSync("sync");
    return measure(call, scratch);
  };
  switch (work) {
    case "create":
      return peer.create(place).map(run);
    case "first":
    case "again":
    case "changed":
      return [run(peer.backup(place, tree))];
    case "check":
      return [run(peer.check(place))];
    case "restore": {
      mkdirSync(to, { recursive: true });
      const measured = run(peer.restore(place, tree, to));
      compareTrees(tree, peer.restoredRoot(tree, to));
      return [measured];
    }
  }
}

function costOf(measured: readonly Measured[]): Pick<Sample, "wallMs" | "cpuMs" | "peakBytes"> {
  return {
    wallMs: measured.reduce((sum, { wallMs }) => sum + wallMs, 0),
    cpuMs: measured.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    peakBytes: Math.max(...measured.map(({ peakBytes }) => peakBytes)),
  };
}

function describe(measured: readonly Measured[]): string {
  const { wallMs, cpuMs, peakBytes } = costOf(measured);
  return `${(wallMs / 1000).toFixed(2).padStart(7)} s ${(cpuMs / 1000).toFixed(2).padStart(7)} CPU-s ${(peakBytes / 1e6).toFixed(0).padStart(5)} MB`;
}

/** So that the page cache is warm for the first as for the last. */
function readAll(tree: string): void {
  execFileSync("sh", ["-c", 'find "$1" -type f -exec cat {} + >/dev/null', "sh", tree]);
}

function bytesIn(store: string): number {
  const files = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0);
}
