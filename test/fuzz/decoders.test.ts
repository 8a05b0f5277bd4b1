import { expect, test } from "vitest";
import { formatTargets } from "./format-targets.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { fuzzOnce } from "./fuzzing.ts";
import { sealingTargets } from "./sealing-targets.ts";

/** `npm run fuzz` goes on from other seeds for as long as one likes. */
const CASES = 5000;

test.each([...formatTargets, ...sealingTargets])(
  "$name answers any bytes with a typed error, in bounds",
  async (target) => {
    let accepted = 0;
    for (let seed = 1; seed <= CASES; seed++) {
      const done = await fuzzOnce(target, BigInt(seed));
      expect(done.failure).toBeUndefined();
      if (done.accepted) accepted++;
    }
    // seeds that are all refused as they stand would fuzz nothing
    const taken = await Promise.all(target.seeds.map((seed) => isTaken(target, seed)));
    if (!readToTheirEnd.has(target.name)) expect(taken).toContain(true);
    expect(accepted).toBeLessThan(CASES);
  },
);

/** These go on until there are no more bytes, or want a file of one kind. */
const readToTheirEnd = new Set(["msgpack"]);

async function isTaken(target: FuzzTarget, seed: Uint8Array): Promise<boolean> {
  try {
    await target.run(seed);
    return true;
  } catch {
    return false;
  }
}
