import { createCipheriv } from "node:crypto";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { blake3, gearCut, readLz4Frame, shannonEntropy, xxh32 } from "../../support/references/index.ts";
import { type Bench, kinds, setUp } from "./bench.ts";

const random = new SeededRandom(99);
const key = random.bytes(32);
const nonce = random.bytes(12);
const samples = [0, 1, 100, 1500, 5000].map((length) => (kinds["mixed"] as (typeof kinds)[string])(length, random));

type Comparison = (bench: Bench, sample: Uint8Array, address: number) => boolean;

function equal(bench: Bench, address: number, expected: Uint8Array): boolean {
  return Buffer.compare(bench.take(address, expected.length), expected) === 0;
}

function nodeSeal(sample: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm-siv" as "aes-256-gcm", key, nonce);
  return Buffer.concat([nonce, cipher.update(sample), cipher.final(), cipher.getAuthTag()]);
}

const gearParameters = {
  minBytes: 64,
  normalBytes: 256,
  maxBytes: 1024,
  strictMask: 0x3fn << 58n,
  looseMask: 7n << 61n,
};

const comparisons: Readonly<Record<string, Comparison>> = {
  gear({ kernels }, sample, address) {
    kernels.cutConfigure(gearParameters);
    for (let at = 0; at < sample.length; ) {
      const length = kernels.cut(address + at, sample.length - at);
      if (length !== gearCut(sample.subarray(at), gearParameters)) return false;
      at += length;
    }
    return true;
  },
  entropy: ({ kernels }, sample, address) =>
    sample.length === 0 || Math.abs(kernels.entropy(address, sample.length) - shannonEntropy(sample)) < 1e-12,
  xxh32: ({ kernels }, sample, address) => kernels.xxh32(address, sample.length) === xxh32(sample),
  hash(bench, sample, address) {
    bench.kernels.hash(address, sample.length, bench.output);
    return equal(bench, bench.output, blake3(sample));
  },
  mac(bench, sample, address) {
    bench.kernels.macKey(key);
    bench.kernels.mac(address, sample.length, bench.output);
    return equal(bench, bench.output, blake3(sample, key));
  },
  siv(bench, sample, address) {
    bench.kernels.sivKey(key);
    bench.kernels.bytes.set(nonce, bench.spare);
    bench.kernels.sivSeal(bench.spare, address, sample.length, bench.output);
    return equal(bench, bench.output, nodeSeal(sample));
  },
  lz4({ kernels, ...bench }, sample, address) {
    const size = kernels.lz4Frame(address, sample.length, bench.output);
    try {
      return Buffer.compare(readLz4Frame(bench.take(bench.output, size)), sample) === 0;
    } catch {
      return false;
    }
  },
};

/** The names of the kernels of a module that answer something else than their references. */
export function wrongKernels(module: WebAssembly.Module): string[] {
  const bench = setUp(1 << 16, module);
  return Object.keys(comparisons).filter(
    (name) => !samples.every((sample) => (comparisons[name] as Comparison)(bench, sample, bench.put(sample))),
  );
}
