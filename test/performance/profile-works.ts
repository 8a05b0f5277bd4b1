import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Corpus } from "./corpora.ts";
import { passphrase } from "./peers/peer.ts";
import { profile } from "./profile.ts";

/** Stages below this share of a command are not told. */
const LEAST_SHARE = 0.01;

export interface ProfilePlan {
  readonly folder: string;
  readonly corpora: readonly Corpus[];
  readonly say: (line: string) => void;
}

/** What each work costs this program, stage by stage, as a table of milliseconds of all threads together. */
export function profileWorks({ folder, corpora, say }: ProfilePlan): void {
  const env = { HOME: join(folder, "home"), PLAKAR_PASSPHRASE: passphrase, PLAKAR_AGENT: "off" };
  mkdirSync(env.HOME);
  for (const corpus of corpora) {
    const [tree, store, to] = ["tree", "store", "restored"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(tree);
    corpus.make(tree);
    const works: readonly (readonly [string, ...string[]])[] = [
      ["create", "create"],
      ["first backup", "backup", tree],
      ["again, unchanged", "backup", tree],
      ["check", "check"],
      ["restore", "restore", "-to", to],
    ];
    for (const [title, ...words] of works) {
      const stages = profile(["at", store, ...words], env).filter(({ name }) => name !== "node (idle)");
      const total = stages.reduce((sum, { ms }) => sum + ms, 0);
      say(`\n${corpus.name}, ${title}: ${total.toFixed(0)} ms of all threads`);
      for (const { name, ms } of stages.filter((stage) => stage.ms >= total * LEAST_SHARE))
        say(`${ms.toFixed(0).padStart(8)}  ${name}`);
    }
    for (const path of [tree, store, to]) rmSync(path, { recursive: true });
  }
}
