/** `npm run fuzz -- -seconds 600 -seed 7 -target entry`: fuzzes every decoder in turn until the time is over. */
import { parseArgs } from "node:util";
import { formatTargets } from "./format-targets.ts";
import { fuzzOnce } from "./fuzzing.ts";
import { sealingTargets } from "./sealing-targets.ts";

const HANG_MS = 1000;
const ROUND = 200;

const text = { type: "string" } as const;
const { values } = parseArgs({
  args: process.argv.slice(2).map((word) => word.replace(/^-(?=[a-z])/, "--")),
  options: { seconds: text, seed: text, target: text, cases: text },
});
const seconds = Number(values.seconds ?? 60);
const most = Number(values.cases ?? Number.POSITIVE_INFINITY);
const first = BigInt(values.seed ?? Date.now());
const targets = [...formatTargets, ...sealingTargets].filter(({ name }) => name === (values.target ?? name));

process.stdout.write(`fuzzing ${targets.length} decoders for ${seconds} s from seed ${first}\n`);
const endMs = performance.now() + seconds * 1000;
const counts = new Map(targets.map(({ name }) => [name, { cases: 0, accepted: 0, longestMs: 0 }]));
let failures = 0;
let seed = first;
while (performance.now() < endMs && targets.length > 0 && seed - first < most) {
  for (const target of targets) {
    const count = counts.get(target.name) as { cases: number; accepted: number; longestMs: number };
    for (let round = 0; round < Math.min(ROUND, most); round++) {
      const { failure, accepted, tookMs } = await fuzzOnce(target, seed + BigInt(round));
      count.cases++;
      count.accepted += Number(accepted);
      count.longestMs = Math.max(count.longestMs, tookMs);
      const why = failure?.why ?? (tookMs > HANG_MS ? `it took ${Math.round(tookMs)} ms` : "");
      if (why === "") continue;
      failures++;
      const again = `npm run fuzz -- -target "${target.name}" -seed ${seed + BigInt(round)} -cases 1`;
      process.stdout.write(`FAILED ${target.name}: ${why}\n  again: ${again}\n`);
    }
  }
  seed += BigInt(ROUND);
}
for (const [name, { cases, accepted, longestMs }] of counts) {
  process.stdout.write(`${name}: ${cases} cases, ${accepted} accepted, the longest took ${longestMs.toFixed(1)} ms\n`);
}
process.stdout.write(`${failures} failures\n`);
process.exitCode = failures > 0 ? 1 : 0;
