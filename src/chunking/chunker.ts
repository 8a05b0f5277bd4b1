import { PlakarError } from "../foundation/index.ts";
import type { CutParameters, Kernels } from "../kernels/index.ts";
import { type ChunkMasks, LEGACY_MASKS, masksFor } from "./masks.ts";

/** As a store's configuration has it; sizes in bytes. */
export interface ChunkingParameters {
  readonly algorithm: string;
  readonly minBytes: number;
  readonly normalBytes: number;
  readonly maxBytes: number;
}

export interface Chunker {
  /** No chunk is larger; `cut` must see this much, or all that is left. */
  readonly maxBytes: number;
  /**
   * The length of the chunk that begins at the address in the kernels' memory. availableBytes must be at least maxBytes, or
   * all that is left of the stream: the answer is then the same whatever is behind it. 0 only for 0 bytes.
   */
  cut(address: number, availableBytes: number): number;
}

const smallestBytes = 64;
const largestBytes = 1 << 30;

type MasksOf = (parameters: ChunkingParameters) => ChunkMasks;

const algorithms: ReadonlyMap<string, MasksOf> = new Map<string, MasksOf>([
  ["fastcdc", () => LEGACY_MASKS],
  [
    "fastcdc-v1.0.0",
    // for its own default sizes the Go implementation keeps the published masks
    ({ minBytes, normalBytes, maxBytes }) =>
      minBytes === 2048 && normalBytes === 8192 && maxBytes === 65536 ? LEGACY_MASKS : masksFor(normalBytes),
  ],
]);

/** Which chunker last told an instance of the kernels its parameters: several may share one, as when stores are synchronised. */
const configured = new WeakMap<Kernels, CutParameters>();

/**
 * The chunker that a store names: "fastcdc-v1.0.0", or "fastcdc" of stores made before 1.1, in any case of letters.
 * Throws PlakarError "chunking-unknown" (kind newer) for another algorithm, "chunking-sizes" (kind input) for sizes that the
 * algorithm does not take.
 */
export function createChunker(parameters: ChunkingParameters, kernels: Kernels): Chunker {
  const own = cutParameters(parameters);
  return {
    maxBytes: own.maxBytes,
    cut(address, availableBytes) {
      if (configured.get(kernels) !== own) {
        kernels.cutConfigure(own);
        configured.set(kernels, own);
      }
      return kernels.cut(address, availableBytes);
    },
  };
}

function cutParameters(parameters: ChunkingParameters): CutParameters {
  const masks = algorithms.get(parameters.algorithm.toLowerCase());
  if (masks === undefined) {
    throw new PlakarError("chunking-unknown", `the chunking algorithm "${parameters.algorithm}" is not known`, {
      kind: "newer",
      advice: "Use a newer version of plakar to write to this store.",
      details: { algorithm: parameters.algorithm },
    });
  }
  checkSizes(parameters);
  const { minBytes, normalBytes, maxBytes } = parameters;
  return { minBytes, normalBytes, maxBytes, ...masks(parameters) };
}

/** The bounds of the Go implementation: stores with others could not be written by it. */
function checkSizes({ minBytes, normalBytes, maxBytes }: ChunkingParameters): void {
  const whole = [minBytes, normalBytes, maxBytes].every((size) => Number.isInteger(size));
  const inOrder =
    smallestBytes <= minBytes && minBytes < normalBytes && normalBytes < maxBytes && maxBytes <= largestBytes;
  const powerOfTwo = (normalBytes & (normalBytes - 1)) === 0;
  if (whole && inOrder && powerOfTwo) return;
  throw new PlakarError("chunking-sizes", `no chunks can be cut at ${minBytes}, ${normalBytes} and ${maxBytes} bytes`, {
    kind: "input",
    advice:
      "Sizes must grow from the smallest to the largest chunk, between 64 bytes and 1 GiB, the middle one a power of two.",
    details: { minBytes, normalBytes, maxBytes },
  });
}
