import { describe, expect, test } from "vitest";
import { type ChunkingParameters, createChunker } from "../../../src/chunking/index.ts";
import { isPlakarError, PlakarError, SeededRandom } from "../../../src/foundation/index.ts";
import { compileKernels, instantiateKernels } from "../../../src/kernels/index.ts";
import { gearCut } from "../../support/references/index.ts";

const kernels = instantiateKernels(compileKernels(), { arenaBytes: 12 << 20 });
const arena = kernels.allocate(10 << 20);

const today: ChunkingParameters = {
  algorithm: "fastcdc-v1.0.0",
  minBytes: 524_288,
  normalBytes: 1_048_576,
  maxBytes: 8_388_608,
};
const legacy: ChunkingParameters = {
  algorithm: "FASTCDC",
  minBytes: 65_536,
  normalBytes: 1_048_576,
  maxBytes: 4_194_304,
};

/** The lengths of all chunks, each asked of `cut` with what is left. */
function chunksBy(length: number, cut: (at: number) => number): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < length; ) {
    const chunk = cut(at);
    lengths.push(chunk);
    at += chunk;
  }
  return lengths;
}

function chunksOf(parameters: ChunkingParameters, input: Uint8Array): number[] {
  kernels.bytes.set(input, arena);
  const chunker = createChunker(parameters, kernels);
  return chunksBy(input.length, (at) => chunker.cut(arena + at, input.length - at));
}

interface Masks {
  readonly strictMask: bigint;
  readonly looseMask: bigint;
}

function expectedChunks(parameters: ChunkingParameters, masks: Masks, input: Uint8Array): number[] {
  return chunksBy(input.length, (at) => gearCut(input.subarray(at), { ...parameters, ...masks }));
}

function refusal(parameters: ChunkingParameters): PlakarError {
  try {
    createChunker(parameters, kernels);
  } catch (error) {
    if (isPlakarError(error)) return error;
    throw error;
  }
  throw new Error("the chunker was created");
}

describe("chunks", () => {
  const input = new SeededRandom(41).bytes(6_000_000);

  test("of today's stores are cut by the masks of 1 MiB", () => {
    const masks = { strictMask: 0xaaaaaaaaaaa00000n, looseMask: 0x9249249249249000n };
    const lengths = chunksOf(today, input);
    expect(lengths.length).toBeGreaterThan(3);
    expect(lengths).toStrictEqual(expectedChunks(today, masks, input));
  });

  test("of legacy stores are cut by fixed masks, whatever the sizes", () => {
    const masks = { strictMask: 0x0003590703530000n, looseMask: 0x0000d90003530000n };
    const lengths = chunksOf(legacy, input);
    expect(lengths.length).toBeGreaterThan(20);
    expect(lengths).toStrictEqual(expectedChunks(legacy, masks, input));
    expect(chunksOf({ ...legacy, algorithm: "FastCDC" }, input)).toStrictEqual(lengths);
  });

  test("of 2, 8 and 64 KiB are cut by the fixed masks under both names", () => {
    const sizes = { minBytes: 2048, normalBytes: 8192, maxBytes: 65_536 };
    const part = input.subarray(0, 500_000);
    const lengths = chunksOf({ algorithm: "fastcdc-v1.0.0", ...sizes }, part);
    expect(lengths).toStrictEqual(chunksOf({ algorithm: "fastcdc", ...sizes }, part));
    const other = { ...sizes, maxBytes: 65_535 };
    expect(chunksOf({ algorithm: "fastcdc-v1.0.0", ...other }, part)).not.toStrictEqual(
      chunksOf({ algorithm: "fastcdc", ...other }, part),
    );
  });

  test("are found again behind an insertion", () => {
    const small = { algorithm: "fastcdc-v1.0.0", minBytes: 256, normalBytes: 1024, maxBytes: 8192 };
    const before = input.subarray(0, 200_000);
    const after = new Uint8Array(before.length + 7);
    after.set(before.subarray(0, 50_000));
    after.set(before.subarray(50_000), 50_007);
    const ends = (bytes: Uint8Array, shift: number): Set<number> => {
      let at = 0;
      return new Set(chunksOf(small, bytes).map((length) => bytes.length - shift - (at += length)));
    };
    const [first, second] = [ends(before, 0), ends(after, 0)];
    expect([...first].filter((fromEnd) => second.has(fromEnd)).length).toBeGreaterThan(first.size * 0.65);
  });

  test("are the same whatever other chunker uses the same kernels between two cuts", () => {
    const expected = chunksOf(today, input);
    const [ours, other] = [createChunker(today, kernels), createChunker(legacy, kernels)];
    let at = 0;
    for (const length of expected) {
      expect(ours.cut(arena + at, input.length - at)).toBe(length);
      other.cut(arena + at, input.length - at);
      at += length;
    }
    expect(ours.maxBytes).toBe(8_388_608);
    expect(ours.cut(arena, 0)).toBe(0);
  });
});

describe("a chunker is refused", () => {
  test.each(["ultracdc", "kfastcdc", "fastcdc-v2.0.0", "", "constructor"])("for the algorithm %j", (algorithm) => {
    const error = refusal({ ...today, algorithm });
    expect([error.code, error.kind]).toStrictEqual(["chunking-unknown", "newer"]);
  });

  test.each([
    [63, 128, 256],
    [128, 128, 256],
    [64, 128, 128],
    [64, 129, 512],
    [64, 128, 2 ** 30 + 1],
    [64.5, 128, 256],
    [64, Number.NaN, 256],
    [64, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [0, 0, 0],
  ])("for the sizes %d, %d and %d", (minBytes, normalBytes, maxBytes) => {
    for (const { algorithm } of [today, legacy]) {
      const error = refusal({ algorithm, minBytes, normalBytes, maxBytes });
      expect([error.code, error.kind]).toStrictEqual(["chunking-sizes", "input"]);
    }
  });
});
