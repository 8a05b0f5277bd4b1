/** Which programs there are to compare with, here. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { borg, kopia, type Program, restic, rustic } from "./others.ts";
import type { Peer } from "./peer.ts";
import { ours, oursWarm, plakarInGo } from "./plakar.ts";

/** Where `scripts/bench-peers.ts` puts those that it installs. */
export const installedPeers: string = resolve(".cache/peers/bin");

interface Candidate {
  readonly name: string;
  readonly program: string | undefined;
  readonly versionWords: readonly string[];
  readonly make: (program: Program) => Peer;
  readonly advice: string;
}

const advice = "node scripts/bench-peers.ts installs it";

const candidates: readonly Candidate[] = [
  {
    ...{ name: "ours", program: resolve("dist/plakar"), versionWords: ["version"], make: ours },
    advice: "npm run build makes it",
  },
  {
    ...{ name: "ours, warm", program: resolve("dist/plakar"), versionWords: ["version"], make: oursWarm },
    advice: "npm run build makes it",
  },
  {
    ...{ name: "Plakar", program: process.env["PLAKAR_ORACLE"], versionWords: ["version"], make: plakarInGo },
    advice: "PLAKAR_ORACLE names the Go implementation",
  },
  { name: "restic", program: find("restic"), versionWords: ["version"], make: restic, advice },
  { name: "borg", program: find("borg"), versionWords: ["--version"], make: borg, advice },
  { name: "kopia", program: find("kopia"), versionWords: ["--version"], make: kopia, advice },
  { name: "rustic", program: find("rustic"), versionWords: ["--version"], make: rustic, advice },
];

export interface Found {
  readonly peers: readonly Peer[];
  /** One line for each that is not here, with what to do. */
  readonly missing: readonly string[];
}

/** `only` names those that are wanted; all of them where it is undefined. */
export function findPeers(only: readonly string[] | undefined): Found {
  const unknown = only?.find((name) => !candidates.some((each) => each.name === name));
  if (unknown !== undefined)
    throw new Error(`there is no peer "${unknown}"; there are ${candidates.map(({ name }) => name).join(", ")}`);
  const wanted = candidates.filter(({ name }) => only === undefined || only.includes(name) || name.startsWith("ours"));
  const peers: Peer[] = [];
  const missing: string[] = [];
  for (const { name, program, versionWords, make, advice: what } of wanted) {
    if (program === undefined || !existsSync(program)) missing.push(`${name} is not here: ${what}`);
    else peers.push(make({ command: resolve(program), version: versionOf(program, versionWords) }));
  }
  return { peers, missing };
}

function find(name: string): string | undefined {
  const folders = [installedPeers, ...(process.env["PATH"] ?? "").split(":")];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function versionOf(program: string, words: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, words, { encoding: "utf8" });
  return `${stdout}${stderr}`.trim().split("\n")[0] ?? "";
}
