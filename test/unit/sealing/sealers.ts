import { SeededRandom } from "../../../src/foundation/index.ts";
import { compileKernels, instantiateKernels, type Kernels } from "../../../src/kernels/index.ts";
import { Sealer, type SealingParameters } from "../../../src/sealing/index.ts";

const module = compileKernels();

export function newKernels(arenaBytes: number = 24 << 20): Kernels {
  return instantiateKernels(module, { arenaBytes });
}

export const secret: Uint8Array<ArrayBuffer> = new SeededRandom(77).bytes(32);

export type Compressing = SealingParameters["compression"];
export type Wrapping = "AES256-KW" | "AES256-GCM" | null;

export const compressions: readonly Compressing[] = [null, "LZ4", "GZIP", "ZSTD"];
export const wrappings: readonly Wrapping[] = [null, "AES256-KW", "AES256-GCM"];

export function parametersOf(
  compression: Compressing,
  wrapping: Wrapping,
  hashing: SealingParameters["hashing"] = "BLAKE3",
): SealingParameters {
  return {
    hashing,
    compression,
    encryption: wrapping && { subKeyAlgorithm: wrapping, sliceBytes: 65536 },
    macKey: secret,
    secret: wrapping && secret,
  };
}

export function newSealer(parameters: SealingParameters, kernels: Kernels = newKernels()): Sealer {
  return new Sealer(parameters, kernels, new SeededRandom(5));
}

/** Bytes that compress to about a half, or not at all; xorshift32 (Marsaglia 2003). */
export function content(length: number, kind: "text" | "noise" = "text"): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = length + 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = kind === "text" && i % 32 >= 12 ? 0x61 + (i % 5) : state >>> 11;
  }
  return bytes;
}
