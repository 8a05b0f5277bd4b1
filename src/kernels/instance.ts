import { PlakarError } from "../foundation/index.ts";
import { type CutParameters, type Hasher, type Kernels, type Lz4FrameOptions, SIV_OVERHEAD_BYTES } from "./kernels.ts";
import { type KernelExports, startModule } from "./module.ts";

const defaultArenaBytes = 24 << 20;
const guardBytes = 64;
const digestBytes = 32;
const keyBytes = 32;
const nonceBytes = 12;
const lz4BlockBytes = 4 << 20;
/** Header, end mark and content checksum, and what the compressor may write too many. */
const lz4FrameSlack = 15 + 32;

/**
 * A new instance with a memory of its own, which is grown once, now.
 * Throws PlakarError "memory-exhausted" where the system has no room for the arena.
 */
export function instantiateKernels(
  module: WebAssembly.Module,
  options: { readonly arenaBytes?: number } = {},
): Kernels {
  return new KernelInstance(startModule(module, (options.arenaBytes ?? defaultArenaBytes) + guardBytes + 16));
}

class KernelInstance implements Kernels {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly arenaStart: number;
  readonly arenaEnd: number;
  readonly #exports: KernelExports;
  readonly #messageKey: Uint8Array<ArrayBuffer>;
  #allocated: number;

  constructor(exports: KernelExports) {
    this.#exports = exports;
    this.bytes = new Uint8Array(exports.memory.buffer);
    this.arenaStart = align16(exports.heapBase());
    this.arenaEnd = this.bytes.length - guardBytes;
    this.#allocated = this.arenaStart;
    this.#messageKey = new Uint8Array(exports.memory.buffer, exports.sivMessageKeyAddress(), keyBytes);
  }

  allocate(size: number): number {
    const address = this.#allocated;
    this.#check(address, size);
    this.#allocated = align16(address + size);
    return address;
  }

  cutConfigure(parameters: CutParameters): void {
    const { minBytes, normalBytes, maxBytes, strictMask, looseMask } = parameters;
    this.#exports.cutConfigure(minBytes, normalBytes, maxBytes, strictMask, looseMask);
  }

  cut(address: number, length: number): number {
    this.#check(address, length);
    return this.#exports.cut(address, length);
  }

  entropy(address: number, length: number): number {
    this.#check(address, length);
    return this.#exports.entropy(address, length);
  }

  macKey(key: Uint8Array): void {
    this.#setKey(key, this.#exports.macKeyAddress());
  }

  mac(address: number, length: number, out: number): void {
    this.#check(address, length);
    this.#check(out, digestBytes);
    this.#exports.mac(address, length, out);
  }

  hash(address: number, length: number, out: number): void {
    this.#check(address, length);
    this.#check(out, digestBytes);
    this.#exports.hash(address, length, out);
  }

  createHasher(): Hasher {
    const exports = this.#exports;
    const state = this.allocate(exports.hasherBytes());
    exports.hasherReset(state);
    return {
      reset: () => exports.hasherReset(state),
      resetUnkeyed: () => exports.hasherResetUnkeyed(state),
      update: (address, length) => {
        this.#check(address, length);
        exports.hasherUpdate(state, address, length);
      },
      digest: (outAddress) => {
        this.#check(outAddress, digestBytes);
        exports.hasherDigest(state, outAddress);
      },
    };
  }

  xxh32(address: number, length: number): number {
    this.#check(address, length);
    return this.#exports.xxh32(address, length) >>> 0;
  }

  lz4FrameBound(length: number): number {
    return length + 4 * Math.ceil(length / lz4BlockBytes) + lz4FrameSlack;
  }

  lz4Frame(address: number, length: number, out: number, options: Lz4FrameOptions = {}): number {
    this.#check(address, length);
    this.#check(out, this.lz4FrameBound(length));
    const acceleration = options.stored === true ? 0 : Math.min(Math.max(options.acceleration ?? 1, 1), 65536);
    return this.#exports.lz4Frame(address, length, out, acceleration);
  }

  lz4Unframe(address: number, length: number, out: number, capacity: number): number {
    this.#check(address, length);
    this.#check(out, capacity);
    return this.#exports.lz4Unframe(address, length, out, capacity);
  }

  sivKey(key: Uint8Array): void {
    this.#setKey(key, this.#exports.sivKeyAddress());
    this.#exports.sivKeyExpand();
  }

  sivSeal(nonceAddress: number, address: number, length: number, out: number): void {
    this.#checkSealing(nonceAddress, address, length, out);
    this.#exports.sivSeal(nonceAddress, address, length, out);
  }

  sivOpen(sealed: number, length: number, out: number): boolean {
    this.#check(sealed, length + SIV_OVERHEAD_BYTES);
    this.#check(out, length);
    return this.#exports.sivOpen(sealed, length, out) === 1;
  }

  sivBegin(
    nonceAddress: number,
    address: number,
    length: number,
    out: number,
    counters: number,
  ): Uint8Array<ArrayBuffer> {
    this.#checkSealing(nonceAddress, address, length, out);
    this.#check(counters, align16(length));
    this.#exports.sivBegin(nonceAddress, address, length, out, counters);
    return this.#messageKey;
  }

  sivFinish(address: number, length: number, out: number, keystream: number): void {
    this.#check(address, length);
    this.#check(out, length + SIV_OVERHEAD_BYTES);
    this.#check(keystream, align16(length));
    this.#exports.sivFinish(address, length, out, keystream);
  }

  sivOpenBegin(sealed: number, length: number, counters: number): Uint8Array<ArrayBuffer> {
    this.#check(sealed, length); // or -1 would pass with the overhead added
    this.#check(sealed, length + SIV_OVERHEAD_BYTES);
    this.#check(counters, align16(length));
    this.#exports.sivOpenBegin(sealed, length, counters);
    return this.#messageKey;
  }

  sivOpenFinish(sealed: number, length: number, out: number, keystream: number): boolean {
    this.#check(sealed, length + SIV_OVERHEAD_BYTES);
    this.#check(out, length);
    this.#check(keystream, align16(length));
    return this.#exports.sivOpenFinish(sealed, length, out, keystream) === 1;
  }

  sivForget(): void {
    this.#exports.sivForget();
  }

  #checkSealing(nonceAddress: number, address: number, length: number, out: number): void {
    this.#check(nonceAddress, nonceBytes);
    this.#check(address, length);
    this.#check(out, length + SIV_OVERHEAD_BYTES);
  }

  /** The kernels check nothing. Written so that NaN fails, too. */
  #check(address: number, length: number): void {
    if (address >= this.arenaStart && length >= 0 && address + length <= this.arenaEnd) return;
    throw new PlakarError("kernel-address", `${length} bytes at ${address} are not in the arena of the kernels`, {
      kind: "bug",
      details: { address, length, arenaStart: this.arenaStart, arenaEnd: this.arenaEnd },
    });
  }

  #setKey(key: Uint8Array, address: number): void {
    if (key.length !== keyBytes) {
      throw new PlakarError("key-length", `a key has ${keyBytes} bytes, not ${key.length}`, { kind: "bug" });
    }
    this.bytes.set(key, address);
  }
}

function align16(value: number): number {
  return Math.ceil(value / 16) * 16;
}
