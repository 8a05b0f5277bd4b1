import { describe, expect, test } from "vitest";
import { isPlakarError } from "../../../src/foundation/index.ts";
import { compileKernels, instantiateKernels, type Kernels } from "../../../src/kernels/index.ts";

const module = compileKernels();

function refused(call: () => unknown): boolean {
  try {
    call();
  } catch (error) {
    return isPlakarError(error, "bug");
  }
  return false;
}

describe("an instance of the kernels", () => {
  test("has an arena of 24 MiB unless told otherwise, and 64 bytes behind it", () => {
    for (const [options, size] of [
      [{}, 24 << 20],
      [{ arenaBytes: 1 << 16 }, 1 << 16],
      [{ arenaBytes: 40_000_001 }, 40_000_001],
    ] as const) {
      const kernels = instantiateKernels(module, options);
      expect(kernels.arenaEnd - kernels.arenaStart).toBeGreaterThanOrEqual(size);
      expect(kernels.bytes.length - kernels.arenaEnd).toBe(64);
      expect(kernels.arenaStart % 16).toBe(0);
      kernels.allocate(size);
    }
  });

  test("allocates at multiples of 16 and never the same twice, until the arena is full", () => {
    const kernels = instantiateKernels(module, { arenaBytes: 1 << 16 });
    let last = kernels.arenaStart;
    for (const size of [1, 16, 17, 0, 100, 4096]) {
      const address = kernels.allocate(size);
      expect(address % 16).toBe(0);
      expect(address).toBeGreaterThanOrEqual(last);
      last = address + size;
    }
    expect(refused(() => kernels.allocate(kernels.arenaEnd - last + 1))).toBe(true);
    expect(refused(() => kernels.allocate(-1))).toBe(true);
    expect(kernels.allocate(16)).toBeGreaterThanOrEqual(last);
  });

  test("has a memory and keys of its own", () => {
    const [first, second] = [instantiateKernels(module), instantiateKernels(module)];
    first.macKey(new Uint8Array(32).fill(1));
    second.macKey(new Uint8Array(32).fill(2));
    for (const kernels of [first, second]) kernels.mac(kernels.arenaStart, 0, kernels.arenaStart + 64);
    const macs = [first, second].map(({ bytes, arenaStart }) => bytes.slice(arenaStart + 64, arenaStart + 96));
    expect(macs[0]).not.toStrictEqual(macs[1]);
  });

  test("takes keys of 32 bytes only", () => {
    const kernels = instantiateKernels(module, { arenaBytes: 1024 });
    for (const length of [0, 16, 31, 33]) {
      expect(refused(() => kernels.macKey(new Uint8Array(length)))).toBe(true);
      expect(refused(() => kernels.sivKey(new Uint8Array(length)))).toBe(true);
    }
  });
});

describe("every kernel refuses what is not in the arena", () => {
  const kernels = instantiateKernels(module, { arenaBytes: 1 << 20 });
  const hasher = kernels.createHasher();
  const good = kernels.allocate(4096);
  // each call takes an address and a length
  const calls: Record<string, (address: number, length: number) => unknown> = {
    cut: (a, n) => kernels.cut(a, n),
    entropy: (a, n) => kernels.entropy(a, n),
    mac: (a, n) => kernels.mac(a, n, good),
    hash: (a, n) => kernels.hash(a, n, good),
    "a hasher's update": (a, n) => hasher.update(a, n),
    xxh32: (a, n) => kernels.xxh32(a, n),
    lz4Frame: (a, n) => kernels.lz4Frame(a, n, good),
    "the output of lz4Frame": (a, n) => kernels.lz4Frame(good, n, a),
    lz4Unframe: (a, n) => kernels.lz4Unframe(a, n, good, 100),
    "the output of lz4Unframe": (a, n) => kernels.lz4Unframe(good, 100, a, n),
    sivSeal: (a, n) => kernels.sivSeal(good, a, n, good),
    "the output of sivSeal": (a, n) => kernels.sivSeal(good, good, n, a),
    sivOpen: (a, n) => kernels.sivOpen(a, n, good),
    "the output of sivOpen": (a, n) => kernels.sivOpen(good, n, a),
    sivBegin: (a, n) => kernels.sivBegin(good, a, n, good, good),
    "the counters of sivBegin": (a, n) => kernels.sivBegin(good, good, n, good, a),
    sivFinish: (a, n) => kernels.sivFinish(a, n, good, good),
    "the keystream of sivFinish": (a, n) => kernels.sivFinish(good, n, good, a),
    sivOpenBegin: (a, n) => kernels.sivOpenBegin(a, n, good),
    sivOpenFinish: (a, n) => kernels.sivOpenFinish(a, n, good, good),
  };

  function wrong({ arenaStart, arenaEnd }: Kernels): [number, number][] {
    return [
      [0, 100],
      [arenaStart - 1, 100],
      [arenaEnd - 99, 100],
      [arenaEnd + 1, 0],
      [arenaStart, 2 ** 32],
      [arenaStart + 2 ** 32, 100],
      [-100, 100],
      [Number.NaN, 100],
    ];
  }

  test.each(Object.keys(calls))("%s", (name) => {
    const call = calls[name] as (address: number, length: number) => unknown;
    for (const [address, length] of wrong(kernels))
      expect(
        refused(() => call(address, length)),
        `${length} at ${address}`,
      ).toBe(true);
    call(good, 100);
  });

  test.each(Object.keys(calls))("%s, and no length below 0", (name) => {
    const call = calls[name] as (address: number, length: number) => unknown;
    expect(refused(() => call(good, -1))).toBe(true);
    expect(refused(() => call(good, Number.NaN))).toBe(true);
  });

  test.each<[string, number, (address: number) => unknown]>([
    ["the output of mac", 32, (a) => kernels.mac(good, 0, a)],
    ["the output of hash", 32, (a) => kernels.hash(good, 0, a)],
    ["a hasher's digest", 32, (a) => hasher.digest(a)],
    ["the nonce of sivSeal", 12, (a) => kernels.sivSeal(a, good, 0, good)],
    ["the nonce of sivBegin", 12, (a) => kernels.sivBegin(a, good, 0, good, good)],
  ])("%s", (_, size, call) => {
    const { arenaStart, arenaEnd } = kernels;
    for (const address of [0, arenaStart - 1, arenaEnd - size + 1, arenaStart + 2 ** 32, -100, Number.NaN]) {
      expect(
        refused(() => call(address)),
        `at ${address}`,
      ).toBe(true);
    }
    call(good);
    call(arenaEnd - size);
  });
});
