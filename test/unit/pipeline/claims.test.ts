import { expect, test } from "vitest";
import { Claims, shareClaims } from "../../../src/pipeline/claims.ts";

/** A MAC for each number, well spread. */
function macOf(mac: Uint8Array, n: number): Uint8Array {
  const view = new DataView(mac.buffer);
  view.setUint32(0, Math.imul(n, 0x9e3779b1), true);
  view.setUint32(4, n, true);
  return mac;
}

test("of two that claim the same blobs one stores each, beyond the segments that are there from the start", () => {
  const shared = shareClaims();
  const claims = [new Claims(shared), new Claims(shared)] as const;
  const mac = new Uint8Array(32);
  const count = 1_800_000;
  let won = 0;
  for (let n = 0; n < count; n++) {
    const first = claims[n & 1]?.claim(3, macOf(mac, n));
    const second = claims[1 - (n & 1)]?.claim(3, mac);
    if (first === true && second === false) won++;
  }
  expect(won).toBe(count);
  expect(shared.segments.findLast((segment) => segment.growable)?.byteLength).toBe(0);
  expect(shared.segments.find((segment) => segment.growable)?.byteLength).toBeGreaterThan(0);
  // another type is another blob
  expect(claims[0].claim(4, macOf(mac, 1))).toBe(true);
});
