import { describe, expect, it } from "vitest";
import { fromHex, type Random, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { SliceCipher } from "../../../src/sealing/encryption/slices.ts";
import { Workspace } from "../../../src/sealing/workspace.ts";
import { openSlice, sealSlice } from "./other-opener.ts";
import { rfc8452 } from "./rfc8452-vectors.ts";
import { newKernels } from "./sealers.ts";

const kernels = newKernels();
const workspace = Workspace.of(kernels);
const text = kernels.allocate(1 << 20);
const out = kernels.allocate(1 << 20);

function seal(cipher: SliceCipher, key: Uint8Array, plain: Uint8Array): Uint8Array {
  kernels.bytes.set(plain, text);
  const length = cipher.seal(key, text, plain.length, out);
  return kernels.bytes.slice(out, out + length);
}

function open(cipher: SliceCipher, key: Uint8Array, sealed: Uint8Array): Uint8Array {
  kernels.bytes.set(sealed, text);
  const length = cipher.open(key, text, sealed.length, out, "it");
  return kernels.bytes.slice(out, out + length);
}

describe("slices", () => {
  it("seals and opens the vectors of RFC 8452, wrapping counters among them", () => {
    for (const vector of rfc8452) {
      const nonce = fromHex(vector.nonce);
      const fixed: Random = { bytes: (length) => Uint8Array.from({ length }, (_, i) => nonce[i % 12] as number) };
      const cipher = new SliceCipher(workspace, 65536, fixed);
      const key = fromHex(vector.key);
      const sealed = seal(cipher, key, fromHex(vector.plain));
      // no content, no slice
      expect(toHex(sealed)).toBe(vector.plain === "" ? "" : vector.nonce + vector.result);
      expect(toHex(open(cipher, key, fromHex(vector.nonce + vector.result)))).toBe(vector.plain);
    }
  });

  it("seals what node:crypto opens and opens what node:crypto seals, at every length near a border", () => {
    const random = new SeededRandom(1);
    const cipher = new SliceCipher(workspace, 65536, random);
    const lengths = Array.from({ length: 140 }, (_, i) => i + 1);
    lengths.push(255, 256, 257, 511, 512, 513, 767, 768, 769, 1023, 1024, 1025, 4096, 4111, 65519, 65535, 65536);
    for (const length of lengths) {
      const key = random.bytes(32);
      const plain = random.bytes(length);
      expect(openSlice(key, seal(cipher, key, plain))).toEqual(plain);
      expect(open(cipher, key, sealSlice(key, random.bytes(12), plain))).toEqual(plain);
    }
  });

  it("seals a text that lies as near behind the result as overhead() allows", () => {
    const random = new SeededRandom(2);
    for (const [sliceBytes, length] of [
      [16, 100],
      [800, 800 * 5 + 3],
      [1000, 1],
      [65536, 300_000],
      [65536, 65536 * 3],
    ] as const) {
      const cipher = new SliceCipher(workspace, sliceBytes, random);
      const key = random.bytes(32);
      const plain = random.bytes(length);
      const address = out + cipher.overhead(length);
      kernels.bytes.set(plain, address);
      const sealedLength = cipher.seal(key, address, length, out);
      expect(sealedLength).toBe(length + cipher.overhead(length));
      const sealed = kernels.bytes.slice(out, out + sealedLength);
      expect(openSlice(key, sealed.subarray(0, Math.min(length, sliceBytes) + 28))).toEqual(
        plain.subarray(0, sliceBytes),
      );
      expect(open(cipher, key, sealed)).toEqual(plain);
    }
  });

  it("opens to the very place where the sealed text lies", () => {
    const random = new SeededRandom(3);
    for (const [sliceBytes, length] of [
      [16, 100],
      [700, 700 * 5 + 3],
      [800, 800 * 5 + 3],
      [65536, 300_000],
    ] as const) {
      const cipher = new SliceCipher(workspace, sliceBytes, random);
      const key = random.bytes(32);
      const plain = random.bytes(length);
      const sealed = seal(cipher, key, plain);
      kernels.bytes.set(sealed, text);
      expect(cipher.open(key, text, sealed.length, text, "it")).toBe(length);
      expect(kernels.bytes.slice(text, text + length)).toEqual(plain);
    }
  });

  it("never uses a nonce twice, also when the pool is drawn anew", () => {
    const cipher = new SliceCipher(workspace, 1, new SeededRandom(4));
    const sealed = seal(cipher, new Uint8Array(32), new Uint8Array(3000));
    const nonces = new Set<string>();
    for (let at = 0; at < sealed.length; at += 29) nonces.add(toHex(sealed.subarray(at, at + 12)));
    expect(nonces.size).toBe(3000);
  });
});
