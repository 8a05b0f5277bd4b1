import { describe, expect, test } from "vitest";
import { ResourceType } from "../../../src/format/index.ts";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { portionsOf } from "../../../src/operations/pack-parts.ts";
import { BlobIndex } from "../../../src/repository/contract.ts";

const HEADER = 16;
const TRAILER = 32;

interface Layout {
  readonly index: BlobIndex;
  readonly records: Uint32Array;
  readonly sizeBytes: number;
}

/** Blobs side by side, with gaps, over each other, and beyond the end, in any order. */
function layoutOf(seed: number): Layout {
  const random = new SeededRandom(seed);
  const byte = (): number => random.bytes(1)[0] as number;
  const index = new BlobIndex();
  let end = 0;
  for (let blob = 0; blob < 60; blob++) {
    const kind = byte() % 8;
    const offset = kind === 0 ? end + byte() * 40 : kind === 1 ? Math.max(end - byte(), 0) : end;
    const length = 1 + byte() * (kind === 2 ? 60 : 1);
    index.add(ResourceType.chunk, random.bytes(32), 0, 0, offset, length);
    end = Math.max(end, offset + length);
  }
  const records = (index.recordsByPack(1)[0] as Uint32Array).toSorted(() => byte() - 128);
  const cut = byte() < 128 ? 0 : byte() * 20;
  return { index, records, sizeBytes: Math.max(HEADER + end + TRAILER - cut, HEADER + TRAILER) };
}

describe.each([300, 1000, 5000, 1 << 20])("a packfile in portions of %i bytes", (partBytes) => {
  test.each([...Array(8).keys()])("is covered by its MAC once, and has every blob once (layout %i)", (seed) => {
    const { index, records, sizeBytes } = layoutOf(seed);
    const portions = [...portionsOf(records, index, sizeBytes, partBytes)];
    let covered = 0;
    for (const [at, { start, end, records: own, part }] of portions.entries()) {
      expect(part.isFirst).toBe(at === 0);
      expect(part.isLast).toBe(at === portions.length - 1);
      expect(start + part.macFrom).toBe(covered);
      covered = start + part.macTo;
      expect(covered).toBeLessThanOrEqual(end);
      expect(end).toBeLessThanOrEqual(sizeBytes);
      for (const record of own) {
        const from = HEADER + index.offsetOf(record);
        expect(from).toBeGreaterThanOrEqual(start);
        // one that reaches further than the packfile is in the last
        expect(Math.min(from + index.lengthOf(record), sizeBytes)).toBeLessThanOrEqual(
          Math.max(end, part.isLast ? sizeBytes : 0),
        );
      }
    }
    expect(covered).toBe(sizeBytes - TRAILER);
    expect(portions.at(-1)?.end).toBe(sizeBytes);
    const ascending = (a: number, b: number): number => a - b;
    expect(portions.flatMap((each) => [...each.records]).toSorted(ascending)).toStrictEqual(
      [...records].toSorted(ascending),
    );
  });
});
