import { expect, test } from "vitest";
import { SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { MacSet } from "../../../src/repository/mac-set.ts";

test("a set of MACs knows exactly what was added, under its type, however many there are", () => {
  const random = new SeededRandom(5);
  const set = new MacSet();
  const added = new Map<string, boolean>();
  for (let i = 0; i < 20_000; i++) {
    const mac = random.bytes(32);
    if (i % 3 === 0) mac.set([0, 0, 0, i & 255]); // one chain of neighbours
    const type = 1 + (i % 2);
    expect(set.has(type, mac)).toBe(false);
    expect(set.add(type, mac)).toBe(true);
    expect(set.add(type, mac)).toBe(false);
    expect(set.has(3 - type, mac)).toBe(false);
    added.set(toHex(mac), type === 1);
  }
  for (const [hex, isFirst] of added) expect(set.has(isFirst ? 1 : 2, Buffer.from(hex, "hex"))).toBe(true);
});

test("zeros are a MAC like any other", () => {
  const set = new MacSet();
  const zeros = new Uint8Array(32);
  expect(set.has(9, zeros)).toBe(false);
  expect(set.add(9, zeros)).toBe(true);
  expect(set.has(9, zeros)).toBe(true);
});
