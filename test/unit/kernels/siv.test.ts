import { createCipheriv, createDecipheriv } from "node:crypto";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { SIV_OVERHEAD_BYTES } from "../../../src/kernels/index.ts";
import { hex, setUp } from "./bench.ts";

// @types/node does not know this mode yet; Node 26 has it by OpenSSL 3.5
const sivMode = "aes-256-gcm-siv" as "aes-256-gcm";

function nodeSeal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Buffer {
  const cipher = createCipheriv(sivMode, key, nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function nodeOpen(key: Uint8Array, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv(sivMode, key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
}

/** The counter blocks encrypted where they are, as the sealing code does it. */
function encryptInPlace(key: Uint8Array, address: number, length: number): void {
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  kernels.bytes.set(cipher.update(kernels.bytes.subarray(address, address + Math.ceil(length / 16) * 16)), address);
}

const bench = setUp(1 << 17);
const { kernels, input, output, spare } = bench;
const text = input + 16;
const lengths = [
  ...Array.from({ length: 131 }, (_, i) => i),
  ...[255, 256, 257, 300, 511, 512, 767, 768, 1008, 1023, 1024, 1025, 1279, 1280, 1281, 1535, 1536, 1537, 2048, 4096],
  ...[5000, 8192, 8193, 16384, 40_000, 65_519, 65_520, 65_535, 65_536, 65_537, 100_001],
];

function prepare(length: number): { key: Uint8Array; sealed: string; plain: Uint8Array } {
  const random = new SeededRandom(length);
  const [key, nonce, plain] = [random.bytes(32), random.bytes(12), random.bytes(length)];
  kernels.sivKey(key);
  bench.put(nonce);
  kernels.bytes.set(plain, text);
  kernels.bytes.fill(0xa5, output, output + length + 100);
  kernels.bytes.fill(0xa5, spare, spare + length + 100);
  return { key, plain, sealed: hex(nodeSeal(key, nonce, plain)) };
}

describe("AES-256-GCM-SIV", () => {
  test.each(lengths)("seals %i bytes as Node does, whole and in two halves, and opens them", (length) => {
    const { key, sealed, plain } = prepare(length);
    kernels.sivSeal(input, text, length, output);
    expect(hex(bench.take(output, length + SIV_OVERHEAD_BYTES))).toBe(sealed);
    expect(hex(bench.take(output + length + 28, 32)), "nothing is written behind").toBe("a5".repeat(32));
    expect(hex(bench.take(text, length)), "the text stays").toBe(hex(plain));
    expect(hex(nodeOpen(key, bench.take(output, length + 28)))).toBe(hex(plain));
    expect(kernels.sivOpen(output, length, spare)).toBe(true);
    expect(hex(bench.take(spare, length))).toBe(hex(plain));
    expect(hex(bench.take(spare + length, 32))).toBe("a5".repeat(32));

    kernels.bytes.fill(0x5a, output, output + length + 28);
    encryptInPlace(kernels.sivBegin(input, text, length, output, spare), spare, length);
    kernels.sivFinish(text, length, output, spare);
    expect(hex(bench.take(output, length + 28))).toBe(sealed);
    encryptInPlace(kernels.sivOpenBegin(output, length, spare), spare, length);
    expect(kernels.sivOpenFinish(output, length, text, spare)).toBe(true);
    expect(hex(bench.take(text, length))).toBe(hex(plain));
  });

  test.each([0, 1, 40, 300, 1024, 5000, 65_536])("seals and opens %i bytes in place", (length) => {
    const { sealed, plain } = prepare(length);
    kernels.bytes.set(plain, output + 12);
    kernels.sivSeal(input, output + 12, length, output);
    expect(hex(bench.take(output, length + 28))).toBe(sealed);
    expect(kernels.sivOpen(output, length, output + 12)).toBe(true);
    expect(hex(bench.take(output + 12, length))).toBe(hex(plain));
  });

  test("wraps its 32-bit counter as RFC 8452, appendix C.3, has it", () => {
    kernels.sivKey(new Uint8Array(32));
    kernels.bytes.fill(0, input, input + 12);
    kernels.bytes.set(Buffer.from("000000000000000000000000000000004db923dc793ee6497c76dcc03a98e108", "hex"), text);
    kernels.sivSeal(input, text, 32, output);
    const ciphertext = "f3f80f2cf0cb2dd9c5984fcda908456cc537703b5ba70324a6793a7bf218d3ea";
    expect(hex(bench.take(output + 12, 48))).toBe(`${ciphertext}ffffffff000000000000000000000000`);
  });

  test.each([0, 1, 16, 300, 1500, 9000])(
    "does not open %i bytes of which any was changed, and leaves zeros",
    (length) => {
      const { sealed } = prepare(length);
      const random = new SeededRandom(length + 1);
      for (let round = 0; round < 60; round++) {
        const damaged = Buffer.from(sealed, "hex");
        const at = round < 28 ? (round < 12 ? round : damaged.length - 1 - (round - 12)) : random.below(damaged.length);
        damaged[at] = (damaged[at] as number) ^ (1 << random.below(8));
        kernels.bytes.set(damaged, output);
        kernels.bytes.fill(0xa5, spare, spare + length);
        expect(kernels.sivOpen(output, length, spare), `byte ${at}`).toBe(false);
        expect(hex(bench.take(spare, length))).toBe("00".repeat(length));
        encryptInPlace(kernels.sivOpenBegin(output, length, spare), spare, length);
        expect(kernels.sivOpenFinish(output, length, text, spare), `byte ${at}`).toBe(false);
        expect(hex(bench.take(text, length))).toBe("00".repeat(length));
      }
    },
  );

  test("does not open under another key, and forgets a key", () => {
    const { key } = prepare(1000);
    kernels.sivSeal(input, text, 1000, output);
    kernels.sivForget();
    for (let i = 0; i + 16 <= 32; i += 16) {
      expect(Buffer.from(kernels.bytes.buffer, 0, kernels.arenaStart).indexOf(key.subarray(i, i + 16))).toBe(-1);
    }
    expect(kernels.sivOpen(output, 1000, spare)).toBe(false);
    kernels.sivKey(key);
    expect(kernels.sivOpen(output, 1000, spare)).toBe(true);
  });
});
