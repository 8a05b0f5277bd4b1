/** `npm run bench`: this program beside its peers, in one run on this machine. `-- --help` says how to call it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { corporaOf } from "./corpora.ts";
import { machine } from "./machine.ts";
import { findPeers } from "./peers/find.ts";
import { profileWorks } from "./profile-works.ts";
import { renderReport } from "./report.ts";
import { runRounds } from "./rounds.ts";

const usage = `usage: npm run bench -- [--quick] [--rounds N] [--peer NAME]... [--corpus NAME]... [--profile]
                        [--work DIRECTORY] [--to DIRECTORY]
  --quick   a tenth of each tree, one round: whether everything works, and roughly how fast
  --rounds  how often everything is done; 3 by default
  --peer    only these beside this program: Plakar, restic, borg, kopia, rustic
  --corpus  only these of source, tiny, big
  --work    where trees and stores lie meanwhile; a temporary directory by default
  --profile this program alone, and where the time of each command goes
  --to      where results go: results.json, results.md, results.svg; dist/bench by default`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      peer: { type: "string", multiple: true },
      corpus: { type: "string", multiple: true },
      profile: { type: "boolean", default: false },
      work: { type: "string", default: tmpdir() },
      to: { type: "string", default: "dist/bench" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return say(usage);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds} is no number of rounds`);
  const all = corporaOf(values.quick ? 0.1 : 1);
  const corpora = all.filter(({ name }) => values.corpus?.includes(name) ?? true);
  const folder = mkdtempSync(join(values.work, "bench-"));
  try {
    if (values.profile) {
      profileWorks({ folder, corpora, say });
      return 0;
    }
    const { peers, missing } = findPeers(values.peer);
    missing.forEach(say);
    if (peers[0]?.name !== "ours") throw new Error("there is no dist/plakar: npm run build makes it");
    const samples = await runRounds({ folder, peers, corpora, rounds, say });
    const results = {
      ...{ machine: machine(), rounds, scale: values.quick ? 0.1 : 1 },
      peers: peers.map(({ name, version }) => ({ name, version })),
      ...{ missing, samples },
    };
    const { table, chart } = renderReport(results);
    mkdirSync(values.to, { recursive: true });
    writeFileSync(join(values.to, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
    writeFileSync(join(values.to, "results.md"), table);
    writeFileSync(join(values.to, "results.svg"), chart);
    say(`\n${table}`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function say(line: string): number {
  process.stdout.write(`${line}\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
