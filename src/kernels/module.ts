import { asset, PlakarError } from "../foundation/index.ts";

/** The functions of assembly/index.ts. Unsigned results come back signed, booleans as 0 or 1, u64 parameters as bigint. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  cutConfigure(minimum: number, normal: number, maximum: number, strict: bigint, loose: bigint): void;
  cut(address: number, length: number): number;
  entropy(address: number, length: number): number;
  macKeyAddress(): number;
  mac(address: number, length: number, out: number): void;
  hash(address: number, length: number, out: number): void;
  hasherBytes(): number;
  hasherReset(state: number): void;
  hasherResetUnkeyed(state: number): void;
  hasherUpdate(state: number, address: number, length: number): void;
  hasherDigest(state: number, out: number): void;
  xxh32(address: number, length: number): number;
  lz4Frame(address: number, length: number, out: number, acceleration: number): number;
  lz4Unframe(address: number, length: number, out: number, capacity: number): number;
  sivKeyAddress(): number;
  sivMessageKeyAddress(): number;
  sivKeyExpand(): void;
  sivSeal(nonce: number, address: number, length: number, out: number): void;
  sivOpen(sealed: number, length: number, out: number): number;
  sivBegin(nonce: number, address: number, length: number, out: number, counters: number): void;
  sivFinish(address: number, length: number, out: number, keystream: number): void;
  sivOpenBegin(sealed: number, length: number, counters: number): void;
  sivOpenFinish(sealed: number, length: number, out: number, keystream: number): number;
  sivForget(): void;
}

const pageBytes = 65536;

/** Compiles the module once per process; a WebAssembly.Module can be posted to workers. */
export function compileKernels(): WebAssembly.Module {
  return new WebAssembly.Module(asset("kernels.wasm"));
}

/** An instance whose memory has at least arenaBytes above the kernels' own. */
export function startModule(module: WebAssembly.Module, arenaBytes: number): KernelExports {
  const instance = new WebAssembly.Instance(module, { env: { log2: Math.log2 } });
  const kernels = instance.exports as unknown as KernelExports;
  const missing = kernels.heapBase() + arenaBytes - kernels.memory.buffer.byteLength;
  if (missing > 0) grow(kernels.memory, Math.ceil(missing / pageBytes));
  return kernels;
}

function grow(memory: WebAssembly.Memory, pages: number): void {
  try {
    memory.grow(pages);
  } catch (cause) {
    throw new PlakarError("memory-exhausted", `the system gives no ${(pages * pageBytes) >> 20} MiB of memory`, {
      kind: "unavailable",
      retry: "later",
      advice: "Free memory, or run fewer workers.",
      cause,
    });
  }
}
