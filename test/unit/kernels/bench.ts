import { SeededRandom } from "../../../src/foundation/index.ts";
import { compileKernels, instantiateKernels, type Kernels } from "../../../src/kernels/index.ts";

let compiled: WebAssembly.Module | undefined;

/** An instance with an area for inputs, one for outputs behind it, and a third for whatever else. */
export interface Bench {
  readonly kernels: Kernels;
  readonly input: number;
  readonly output: number;
  readonly spare: number;
  /** Copies the bytes to `offset` of the input area and answers the address. */
  put(bytes: Uint8Array, offset?: number): number;
  take(address: number, length: number): Uint8Array<ArrayBuffer>;
}

export function setUp(areaBytes: number, module?: WebAssembly.Module): Bench {
  compiled ??= compileKernels();
  const kernels = instantiateKernels(module ?? compiled, { arenaBytes: 3 * areaBytes + (1 << 20) });
  const [input, output, spare] = [0, 1, 2].map(() => kernels.allocate(areaBytes)) as [number, number, number];
  return {
    kernels,
    input,
    output,
    spare,
    put(bytes, offset = 0) {
      kernels.bytes.set(bytes, input + offset);
      return input + offset;
    },
    take: (address, length) => kernels.bytes.slice(address, address + length),
  };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** The input of BLAKE3's official test vectors: 0, 1, ..., 250, 0, 1, ... */
export function counting(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

const words =
  "the quick brown fox keeps snapshots of every lazy dog and its packfiles in a store that nobody reads ".split(" ");

/** Inputs that compress very differently, repeatable by their seed. */
export const kinds: Readonly<Record<string, (length: number, random: SeededRandom) => Uint8Array>> = {
  zeros: (length) => new Uint8Array(length),
  random: (length, random) => random.bytes(length),
  text: (length, random) => {
    let text = "";
    while (text.length < length) text += `${words[random.below(words.length)]} `;
    return Uint8Array.from(Buffer.from(text.slice(0, length), "latin1"));
  },
  periodic: (length, random) => {
    const period = random.bytes(1 + random.below(40));
    return Uint8Array.from({ length }, (_, i) => period[i % period.length] as number);
  },
  mixed: (length, random) => {
    const bytes = random.bytes(length);
    for (let at = 0; at < length; ) {
      const run = 1 + random.below(300);
      const from = random.below(at + 1);
      if (random.below(2) === 0) bytes.copyWithin(at, from, from + run);
      at += run;
    }
    return bytes;
  },
  fewValues: (length, random) => random.bytes(length).map((byte) => byte & 3),
};
