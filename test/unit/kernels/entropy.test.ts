import { expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { shannonEntropy } from "../../support/references/index.ts";
import { kinds, setUp } from "./bench.ts";

const bench = setUp(1 << 21);

function entropy(bytes: Uint8Array): number {
  return bench.kernels.entropy(bench.put(bytes, bytes.length % 16), bytes.length);
}

test.each(Object.keys(kinds))("entropy is the reference's for %s input", (kind) => {
  const random = new SeededRandom(3);
  for (const length of [1, 2, 3, 17, 64, 127, 128, 129, 255, 1000, 4096, 65_537, 1_000_001]) {
    const input = (kinds[kind] as (typeof kinds)[string])(length, random);
    expect(Math.abs(entropy(input) - shannonEntropy(input)), `${length} bytes`).toBeLessThan(1e-12);
    expect(entropy(input), "the second time").toBe(entropy(input));
  }
});

test("entropy is exact where it can be", () => {
  expect(entropy(new Uint8Array())).toBe(0);
  for (const length of [1, 127, 128, 70_000, 1_500_000])
    expect(Object.is(entropy(new Uint8Array(length)), 0)).toBe(true);
  for (const length of [256, 65_536, 1_048_576])
    expect(entropy(Uint8Array.from({ length }, (_, i) => i & 255))).toBe(8);
  expect(entropy(Uint8Array.of(0, 1))).toBe(1);
});
