import { expect, test } from "vitest";
import { masksFor, spacedMask } from "../../../src/chunking/masks.ts";

test("the masks of 1 MiB are those of the format's description", () => {
  expect(masksFor(1 << 20)).toStrictEqual({ strictMask: 0xaaaaaaaaaaa00000n, looseMask: 0x9249249249249000n });
});

test("a mask has as many ones as it should, from the highest bit down", () => {
  for (let ones = 1; ones <= 32; ones++) {
    const mask = spacedMask(ones);
    expect(mask.toString(2).replaceAll("0", "")).toBe("1".repeat(ones));
    expect(mask >> 63n).toBe(1n);
  }
  expect(spacedMask(0)).toBe(0n);
});
