import { expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { xxh32 } from "../../support/references/index.ts";
import { setUp } from "./bench.ts";

const bench = setUp(1 << 20);

function checksum(bytes: Uint8Array, offset = 0): number {
  return bench.kernels.xxh32(bench.put(bytes, offset), bytes.length);
}

test("xxh32 of nothing is the published value", () => {
  expect(checksum(new Uint8Array())).toBe(0x02cc5d05);
  expect(xxh32(new Uint8Array())).toBe(0x02cc5d05);
});

test("xxh32 is the reference's for every length to 300, wherever the input lies", () => {
  const random = new SeededRandom(1);
  for (let length = 0; length <= 300; length++) {
    const input = random.bytes(length);
    expect(checksum(input, length % 16), `${length} bytes`).toBe(xxh32(input));
  }
});

test.each([1023, 1024, 65536, 100_003, 1_000_000])("xxh32 is the reference's for %i bytes", (length) => {
  const input = new SeededRandom(length).bytes(length);
  expect(checksum(input)).toBe(xxh32(input));
});
