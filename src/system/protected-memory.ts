import { addressOf, hasNative, native } from "./native.ts";

const MADV_DONTDUMP = 16;
const PR_SET_DUMPABLE = 4;
const RLIMIT_CORE = 4;
/** The largest pages of the systems we run on; madvise(2) wants its beginning on one. */
const PAGE_BYTES = 1 << 16;
/** So large a block has pages of its own; what is not touched of it takes none. */
const BLOCK_BYTES = 1 << 20;

export interface ProtectedMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** They are not written to the swap. Every user may lock a few KiB. */
  readonly isLocked: boolean;
  /** No core file is written, and no other process of the same user may look into this one. */
  readonly isPrivate: boolean;
}

/**
 * Memory for keys: not swapped out, nor dumped, nor read by other processes, as far as the system grants it. Never fails. Not
 * all memory of the process is locked: V8 gives pages back by madvise(2), which fails on locked ones, and then aborts.
 */
export function protectedMemory(sizeBytes: number): ProtectedMemory {
  const block = new ArrayBuffer(BLOCK_BYTES);
  const address = addressOf(block) ?? 0n;
  const bytes = new Uint8Array(block, Number(-address & BigInt(PAGE_BYTES - 1)), sizeBytes);
  const isPrivate = granted("prctl", () => native("prctl")(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n));
  // two 64-bit limits of nothing: the soft and the hard
  granted("setrlimit", () => native("setrlimit")(RLIMIT_CORE, new Uint8Array(16)));
  granted("madvise", () => native("madvise")(bytes, BigInt(sizeBytes), MADV_DONTDUMP));
  const isLocked = granted("mlock", () => native("mlock")(bytes, BigInt(sizeBytes)));
  return { bytes, isLocked, isPrivate };
}

function granted(name: Parameters<typeof hasNative>[0], call: () => number): boolean {
  return hasNative(name) && call() === 0;
}
