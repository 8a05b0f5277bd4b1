import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { readLz4Frame } from "../../support/references/index.ts";
import { type Bench, hex, kinds, setUp } from "./bench.ts";

const bench = setUp(11 << 20);
const { kernels, output, spare } = bench;
const guard = 64;

interface Options {
  stored?: boolean;
  acceleration?: number;
}

/** Compresses, and checks that nothing around the output was written. */
function frameOf(content: Uint8Array, options?: Options, offset = 0): Uint8Array {
  const address = bench.put(content, offset);
  const bound = kernels.lz4FrameBound(content.length);
  kernels.bytes.fill(0xa5, output, output + guard);
  kernels.bytes.fill(0xa5, output + guard + bound, output + guard + bound + guard);
  const size = kernels.lz4Frame(address, content.length, output + guard, options);
  expect(size).toBeLessThanOrEqual(bound);
  expect(hex(bench.take(output, guard))).toBe("a5".repeat(guard));
  expect(hex(bench.take(output + guard + bound, guard))).toBe("a5".repeat(guard));
  return bench.take(output + guard, size);
}

/** Decompresses with exactly the capacity that is needed. */
function contentOf(frame: Uint8Array, length: number, target: Bench = bench): Uint8Array {
  const address = target.put(frame);
  kernels.bytes.fill(0xa5, spare, spare + guard);
  kernels.bytes.fill(0xa5, spare + guard + length, spare + guard + length + guard);
  expect(kernels.lz4Unframe(address, frame.length, spare + guard, length)).toBe(length);
  expect(hex(bench.take(spare, guard))).toBe("a5".repeat(guard));
  expect(hex(bench.take(spare + guard + length, guard))).toBe("a5".repeat(guard));
  return bench.take(spare + guard, length);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

const sizes = [
  ...Array.from({ length: 40 }, (_, i) => i),
  ...[63, 64, 65, 255, 270, 271, 300, 1000, 4096, 10_000, 65_534, 65_535, 65_536, 65_537, 65_551, 131_072, 300_001],
];

describe("LZ4 frames", () => {
  test.each(Object.keys(kinds))("of %s input are read by the reference and by the kernel", (kind) => {
    const random = new SeededRandom(11);
    for (const size of sizes) {
      const content = (kinds[kind] as (typeof kinds)[string])(size, random);
      for (const options of [{}, { stored: true }, { acceleration: 8 }]) {
        const frame = frameOf(content, options, size % 16);
        expect(same(readLz4Frame(frame), content), `${size} bytes`).toBe(true);
        expect(same(contentOf(frame, size), content), `${size} bytes`).toBe(true);
      }
    }
  });

  test.each(["mixed", "random", "zeros"])("of more than 4 MiB of %s input have several blocks", (kind) => {
    const random = new SeededRandom(12);
    for (const size of [4 << 20, (4 << 20) + 1, (8 << 20) + 5]) {
      const content = (kinds[kind] as (typeof kinds)[string])(size, random);
      const frame = frameOf(content);
      expect(same(readLz4Frame(frame), content), `${size} bytes`).toBe(true);
      expect(same(contentOf(frame, size), content), `${size} bytes`).toBe(true);
    }
  });

  test("are the same bytes as those of the Go implementation where nothing can differ", () => {
    expect(hex(frameOf(new Uint8Array()))).toBe("04224d186470b900000000055dcc02");
    const one = frameOf(Uint8Array.of(97));
    expect(hex(one.subarray(0, 11))).toBe("04224d186470b901000080");
  });

  test("do not depend on what was compressed before, but for which matches are found", () => {
    const random = new SeededRandom(13);
    for (let round = 0; round < 3000; round++) {
      const kind = Object.values(kinds)[random.below(6)] as (typeof kinds)[string];
      const content = kind(random.below(round % 50 === 0 ? 70_000 : 400), random);
      expect(same(contentOf(frameOf(content), content.length), content)).toBe(true);
    }
  });

  test("are much smaller for what repeats, and never larger than stored for what does not", () => {
    const random = new SeededRandom(14);
    const text = kinds["text"] as (typeof kinds)[string];
    expect(frameOf(text(60_000, random)).length).toBeLessThan(60_000 * 0.5);
    expect(frameOf(text(600_000, random)).length).toBeLessThan(600_000 * 0.5);
    expect(frameOf(new Uint8Array(1_000_000)).length).toBeLessThan(5000);
    for (const size of [1, 100, 65_536, 1_000_000]) expect(frameOf(random.bytes(size)).length).toBe(size + 19);
    expect(frameOf(new Uint8Array(1000), { stored: true }).length).toBe(1019);
  });
});
