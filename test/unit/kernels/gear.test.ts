import { expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { gearCut, gearTable } from "../../support/references/index.ts";
import { kinds, setUp } from "./bench.ts";

const bench = setUp(1 << 20);
const { kernels } = bench;

test("the gear constants are the Go implementation's, bit by bit", () => {
  const bytes = bench.put(Uint8Array.from({ length: 256 }, (_, i) => i));
  const read = Array.from({ length: 256 }, () => 0n);
  for (let bit = 0n; bit < 64n; bit++) {
    // the hash of one byte is its constant: a cut at 0 says that the bit is not set
    const mask = 1n << bit;
    kernels.cutConfigure({ minBytes: 0, normalBytes: 1, maxBytes: 1, strictMask: mask, looseMask: mask });
    for (let byte = 0; byte < 256; byte++)
      if (kernels.cut(bytes + byte, 1) === 1) read[byte] = (read[byte] as bigint) | mask;
  }
  expect(read).toStrictEqual(gearTable);
  expect(gearTable[0]).toBe(0x4d65822107fcfd52n);
  expect(gearTable[255]).toBe(0xaa80d0564cf20a65n);
});

const parameterSets = [
  {
    minBytes: 64,
    normalBytes: 256,
    maxBytes: 1024,
    strictMask: 0xf8_80_00_00_00_00_00_00n,
    looseMask: 0xe0_00_00_00_00_00_00_00n,
  },
  { minBytes: 100, normalBytes: 128, maxBytes: 777, strictMask: 0x55n, looseMask: 0x11n },
  { minBytes: 0, normalBytes: 7, maxBytes: 100, strictMask: 0xffn << 56n, looseMask: 1n << 63n },
  {
    minBytes: 2048,
    normalBytes: 8192,
    maxBytes: 65536,
    strictMask: 0x0003590703530000n,
    looseMask: 0x0000d90003530000n,
  },
  { minBytes: 512, normalBytes: 1024, maxBytes: 4096, strictMask: (1n << 64n) - 1n, looseMask: (1n << 64n) - 1n },
];

test.each(parameterSets.map((parameters, i) => [i, parameters] as const))(
  "cuts are the reference's under parameters %i",
  (seed, parameters) => {
    const random = new SeededRandom(seed);
    kernels.cutConfigure(parameters);
    for (const kind of Object.values(kinds)) {
      const input = kind(Math.min(20 * parameters.maxBytes, 1_000_000) + random.below(200), random);
      const address = bench.put(input);
      for (let at = 0, cuts = 0; at < input.length && cuts < 300; cuts++) {
        const length = kernels.cut(address + at, input.length - at);
        expect(length).toBe(gearCut(input.subarray(at), parameters));
        at += Math.max(1, length);
      }
    }
  },
);

test("a cut does not look behind the largest chunk", () => {
  const parameters = parameterSets[3] as (typeof parameterSets)[number];
  kernels.cutConfigure(parameters);
  const input = new SeededRandom(5).bytes(300_000);
  const address = bench.put(input);
  for (let at = 0; at < 200_000; at += 1009) {
    expect(kernels.cut(address + at, parameters.maxBytes)).toBe(kernels.cut(address + at, input.length - at));
  }
});

test("input that never ends a chunk is cut at the largest size, and a short end is one chunk", () => {
  const parameters = parameterSets[4] as (typeof parameterSets)[number];
  kernels.cutConfigure(parameters);
  const address = bench.put(new SeededRandom(6).bytes(10_000));
  for (const length of [0, 1, 511, 512, 513, 1023, 1024, 1025, 4095, 4096])
    expect(kernels.cut(address, length)).toBe(length);
  for (const length of [4097, 10_000]) expect(kernels.cut(address, length)).toBe(4096);
});
