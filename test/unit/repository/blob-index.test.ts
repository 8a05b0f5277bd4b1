import {
  type Arbitrary,
  array,
  assert,
  constant,
  constantFrom,
  nat,
  oneof,
  property,
  record as recordOf,
} from "fast-check";
import { describe, expect, test } from "vitest";
import { asMac, type Mac } from "../../../src/format/index.ts";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { BlobTable } from "../../../src/repository/blob-table.ts";
import { BlobIndex } from "../../../src/repository/index.ts";

interface Place {
  readonly mac: number;
  readonly type: number;
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
}

/** Few of them, so that places meet; the first four bytes, which are the hash, are equal for each pair. */
const macs: readonly Mac[] = Array.from({ length: 12 }, (_, number) => {
  const bytes = new SeededRandom(number).bytes(32);
  bytes.set([number >> 1, 0, 0, 0]);
  return asMac(bytes);
});

const place: Arbitrary<Place> = recordOf({
  mac: nat(macs.length - 1),
  type: constantFrom(7, 9),
  pack: oneof(nat(3), constant(2 ** 24 - 1)),
  offset: oneof(nat(2), constant(2 ** 40 - 1)),
  length: oneof(nat(2), constant(2 ** 32 - 1)),
});

function add(index: BlobIndex, { mac, type, pack, offset, length }: Place): void {
  index.add(type, macs[mac] as Mac, 0, pack, offset, length);
}

function placesOf(index: BlobIndex, type: number, mac: number): Omit<Place, "mac" | "type">[] {
  return [...index.locations(type, macs[mac] as Mac)].map(({ pack, offset, length }) => ({ pack, offset, length }));
}

/** What an index must answer, the slow way. */
function expected(places: readonly Place[], type: number, mac: number): Omit<Place, "mac" | "type">[] {
  const seen = new Map<string, Omit<Place, "mac" | "type">>();
  for (const { pack, offset, length } of places.filter((each) => each.type === type && each.mac === mac))
    seen.set(`${pack} ${offset} ${length}`, { pack, offset, length });
  return [...seen.values()];
}

function expectSame(index: BlobIndex, places: readonly Place[]): void {
  for (const type of [7, 9])
    for (const mac of macs.keys()) expect(placesOf(index, type, mac)).toEqual(expected(places, type, mac));
}

describe("a blob index", () => {
  test("answers every place once, in order, whatever is added", () => {
    assert(
      property(array(place, { maxLength: 60 }), (places) => {
        const index = new BlobIndex();
        for (const each of places) add(index, each);
        expectSame(index, places);
        expectSame(new BlobIndex(BlobTable.fromRecords(index.table.recordBytes())), places);
        expectSame(BlobIndex.fromShared(index.share(new SharedArrayBuffer(1))), places);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("forgets the places in one pack and no others", () => {
    assert(
      property(array(place, { minLength: 1, maxLength: 40 }), nat(), (places, choice) => {
        const index = new BlobIndex();
        for (const each of places) add(index, each);
        const victim = places[choice % places.length] as Place;
        index.remove(victim.type, macs[victim.mac] as Mac, victim.pack);
        const isGone = ({ type, mac, pack }: Place): boolean =>
          type === victim.type && mac === victim.mac && pack === victim.pack;
        expectSame(
          index,
          places.filter((each) => !isGone(each)),
        );
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  test("relies only on places in packs that are trusted", () => {
    const index = new BlobIndex();
    const [mac] = macs as [Mac];
    index.add(9, mac, 0, 0, 0, 1);
    index.add(9, mac, 0, 2, 0, 1);
    expect(index.has(9, mac, new Uint8Array([0, 1, 0]))).toBe(false);
    expect(index.has(9, mac, new Uint8Array([0, 0, 1]))).toBe(true);
    expect(index.has(7, mac, new Uint8Array([1, 1, 1]))).toBe(false);
  });

  test("grows to many blobs and finds each of them", () => {
    const index = new BlobIndex();
    const random = new SeededRandom(3);
    const all = Array.from({ length: 50_000 }, () => asMac(random.bytes(32)));
    for (const [number, mac] of all.entries()) index.add(9, mac, 0, number % 300, number, number);
    expect(index.count).toBe(all.length);
    for (const [number, mac] of all.entries()) {
      const [found] = index.locations(9, mac);
      if (found?.offset !== number || found.pack !== number % 300) throw new Error(`blob ${number} is not found`);
    }
    expect([...index.locations(9, asMac(random.bytes(32)))]).toEqual([]);
    const lists = index.recordsByPack(300);
    expect(lists.reduce((sum, list) => sum + list.length, 0)).toBe(all.length);
    for (const [pack, list] of lists.entries()) for (const record of list) expect(index.packOf(record)).toBe(pack);
  });
});
