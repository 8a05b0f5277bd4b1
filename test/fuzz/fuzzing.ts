import { getHeapStatistics } from "node:v8";
import { PlakarError, SeededRandom } from "../../src/foundation/index.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { mutated } from "./mutations.ts";

/** From inputs of at most 64 KiB. */
const MAX_ALLOCATION_BYTES = 64 << 20;

/** What went wrong, and with what. */
export interface FuzzFailure {
  readonly target: string;
  readonly seed: bigint;
  readonly why: string;
  readonly bytes: Uint8Array;
}

export interface FuzzCase {
  readonly failure: FuzzFailure | undefined;
  /** Whether the bytes were taken for valid. */
  readonly accepted: boolean;
  readonly tookMs: number;
}

/** One case: everything about it follows from the target and the seed. */
export async function fuzzOnce(target: FuzzTarget, seed: bigint): Promise<FuzzCase> {
  const bytes = mutated(target.seeds, new SeededRandom(seed));
  const before = allocated();
  const startedMs = performance.now();
  let why = "";
  let accepted = true;
  try {
    await target.run(bytes);
  } catch (error) {
    accepted = false;
    // only damage and newer versions are what bytes can be blamed for
    const isTyped = error instanceof PlakarError && error.kind !== "bug" && error.kind !== "usage";
    if (!isTyped) why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const grown = allocated() - before;
  if (grown > MAX_ALLOCATION_BYTES) why ||= `${grown} bytes were allocated`;
  const failure = why === "" ? undefined : { target: target.name, seed, why, bytes };
  return { failure, accepted, tookMs: performance.now() - startedMs };
}

function allocated(): number {
  const { used_heap_size: heap, external_memory: external, malloced_memory: other } = getHeapStatistics();
  return heap + external + other;
}
