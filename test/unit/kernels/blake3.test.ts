import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { blake3 } from "../../support/references/index.ts";
import { counting, hex, setUp } from "./bench.ts";
import { officialKey, officialVectors } from "./blake3-vectors.ts";

const bench = setUp(1 << 20);
const { kernels, output } = bench;
const key = Uint8Array.from(Buffer.from(officialKey, "latin1"));

function hash(bytes: Uint8Array, offset = 0): string {
  kernels.hash(bench.put(bytes, offset), bytes.length, output);
  return hex(bench.take(output, 32));
}

function mac(bytes: Uint8Array, offset = 0): string {
  kernels.mac(bench.put(bytes, offset), bytes.length, output);
  return hex(bench.take(output, 32));
}

const lengths = [
  ...[
    0, 1, 2, 3, 4, 5, 6, 7, 8, 31, 32, 33, 63, 64, 65, 127, 128, 129, 511, 960, 961, 1023, 1024, 1025, 2047, 2048, 2049,
  ],
  ...[3072, 3073, 4096, 4097, 5120, 5121, 6144, 6145, 7168, 7169, 8192, 8193, 12345, 16384, 31743, 31744, 31745],
  ...[65535, 65536, 65537, 66560, 66561, 100000, 131071, 131072, 131073, 196608, 196609, 262144, 262145, 300000],
];

describe("BLAKE3", () => {
  test.each(officialVectors)("answers the official vector of %i bytes", (length, hashed, keyed) => {
    kernels.macKey(key);
    const input = counting(length);
    expect(hash(input)).toBe(hashed);
    expect(mac(input)).toBe(keyed);
    expect(hex(blake3(input))).toBe(hashed);
    expect(hex(blake3(input, key))).toBe(keyed);
  });

  test.each(lengths)("is the reference's for %i bytes, keyed and not", (length) => {
    const input = counting(length);
    const otherKey = new SeededRandom(length).bytes(32);
    kernels.macKey(otherKey);
    expect(hash(input)).toBe(hex(blake3(input)));
    expect(mac(input)).toBe(hex(blake3(input, otherKey)));
  });

  test("does not depend on where the input lies", () => {
    const input = counting(70_001);
    const expected = hash(input);
    for (let offset = 1; offset < 17; offset++) expect(hash(input, offset)).toBe(expected);
  });

  test("leaves the input and what is around the output alone", () => {
    const input = counting(5000);
    kernels.bytes.fill(0xa5, output - 16, output + 64);
    kernels.mac(bench.put(input), input.length, output);
    expect(bench.take(bench.input, 5000)).toStrictEqual(input);
    expect(hex(bench.take(output - 16, 16))).toBe("a5".repeat(16));
    expect(hex(bench.take(output + 32, 32))).toBe("a5".repeat(32));
  });
});

describe("a hasher", () => {
  kernels.macKey(key);
  const hasher = kernels.createHasher();
  const other = kernels.createHasher();

  function stream(target: typeof hasher, address: number, parts: readonly number[]): string {
    target.reset();
    let at = address;
    for (const part of parts) {
      target.update(at, part);
      at += part;
    }
    target.digest(output);
    return hex(bench.take(output, 32));
  }

  test("answers the same however the input is split", () => {
    kernels.macKey(key);
    const random = new SeededRandom(7);
    for (let round = 0; round < 200; round++) {
      const input = random.bytes(random.below(round % 4 === 0 ? 600_000 : 140_000));
      const address = bench.put(input, random.below(64));
      const parts: number[] = [];
      const largest = [10, 1000, 70_000, 300_000][random.below(4)] as number;
      for (let left = input.length; left > 0; ) {
        const part = Math.min(left, parts.length > 2000 ? left : random.below(largest));
        parts.push(part);
        left -= part;
      }
      kernels.mac(address, input.length, bench.spare);
      expect(stream(hasher, address, parts), `${input.length} bytes as ${parts.join()}`).toBe(
        hex(bench.take(bench.spare, 32)),
      );
    }
  });

  test.each([0, 1, 65535, 65536, 65537, 131072, 131073, 196608, 524288, 524289])(
    "takes %i bytes around the borders",
    (length) => {
      kernels.macKey(key);
      const input = counting(length);
      const address = bench.put(input);
      const expected = mac(input);
      expect(stream(hasher, address, [length])).toBe(expected);
      expect(stream(hasher, address, [Math.min(1, length), Math.max(0, length - 1)])).toBe(expected);
      expect(stream(hasher, address, [Math.max(0, length - 1), Math.min(1, length)])).toBe(expected);
    },
  );

  test("goes on beside others", () => {
    kernels.macKey(key);
    const [first, second] = [counting(400_000), counting(300_000).toReversed()];
    const a = bench.put(first);
    const b = bench.put(second, 500_000);
    hasher.reset();
    other.reset();
    for (let i = 0; i < 100; i++) {
      hasher.update(a + i * 4000, 4000);
      other.update(b + i * 3000, 3000);
      kernels.hash(a, 70_000, bench.spare);
    }
    hasher.digest(output);
    other.digest(output + 32);
    expect(hex(bench.take(output, 32))).toBe(hex(blake3(first, key)));
    expect(hex(bench.take(output + 32, 32))).toBe(hex(blake3(second, key)));
  });

  test("can be asked on the way", () => {
    kernels.macKey(key);
    const input = counting(200_000);
    const address = bench.put(input);
    hasher.reset();
    for (const [from, to] of [
      [0, 100],
      [100, 70_000],
      [70_000, 140_000],
      [140_000, 200_000],
    ] as const) {
      hasher.update(address + from, to - from);
      hasher.digest(output);
      expect(hex(bench.take(output, 32))).toBe(hex(blake3(input.subarray(0, to), key)));
    }
  });

  test("keeps the key it was reset with", () => {
    kernels.macKey(key);
    hasher.reset();
    kernels.macKey(new Uint8Array(32));
    hasher.update(bench.put(counting(3)), 3);
    hasher.digest(output);
    expect(hex(bench.take(output, 32))).toBe(hex(blake3(counting(3), key)));
  });
});
