import { describe, expect, it } from "vitest";
import { concatBytes, SeededRandom } from "../../../src/foundation/index.ts";
import { compressions, content, newKernels, newSealer, parametersOf, wrappings } from "./sealers.ts";

const kernels = newKernels();
const combinations = compressions.flatMap((compression) => wrappings.map((wrapping) => ({ compression, wrapping })));
const lengths = [1, 20, 65_535, 65_536, 65_537, 300_000, 20 << 20];
const what = "it";

/** In parts of up to `atMost` bytes, chosen by the seed; some of them are empty. */
async function* parted(bytes: Uint8Array, atMost: number, seed = 3): AsyncGenerator<Uint8Array> {
  const random = new SeededRandom(seed);
  for (let at = 0; at < bytes.length; ) {
    const length = new DataView(random.bytes(4).buffer).getUint32(0) % (atMost + 1);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function whole(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(new Uint8Array(part));
  return concatBytes(all);
}

describe.each(combinations)(
  "what comes in parts (compression $compression, subkeys by $wrapping)",
  ({ compression, wrapping }) => {
    const sealer = newSealer(parametersOf(compression, wrapping), kernels);

    it("is opened to the same as in one piece, wherever it is parted", async () => {
      for (const length of lengths) {
        const plain = content(length);
        const sealed = sealer.seal(plain);
        for (const atMost of length > 1 << 20 ? [4 << 20] : [7, 70_000].slice(length > 70_000 ? 1 : 0)) {
          const opened = await whole(sealer.openParts(parted(sealed, atMost), { maxBytes: length, what }));
          expect(Buffer.compare(opened, plain)).toBe(0);
        }
      }
    });

    it("and is cut off, or expands to more than it may, is damage, and never all of it", async () => {
      const plain = content(200_000);
      const sealed = sealer.seal(plain);
      for (const cut of [1, 5, 100, sealed.length >> 1]) {
        const outcome = await whole(
          sealer.openParts(parted(sealed.subarray(0, sealed.length - cut), 70_000), { maxBytes: plain.length, what }),
        ).catch((error: unknown) => error);
        if (outcome instanceof Uint8Array) expect(outcome.length).toBeLessThan(plain.length);
        else expect(outcome).toMatchObject({ code: "blob-damaged" });
      }
      const tooMuch = whole(sealer.openParts(parted(sealed, 70_000), { maxBytes: plain.length - 1, what }));
      await expect(tooMuch).rejects.toMatchObject({ code: "blob-damaged" });
    });

    it("fails as its parts do", async () => {
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield sealer.seal(content(300_000)).subarray(0, 1000);
        throw new RangeError("the store does not answer");
      }
      await expect(whole(sealer.openParts(failing(), { maxBytes: 1 << 20, what }))).rejects.toThrow(
        /does not answer|damaged/,
      );
    });
  },
);
