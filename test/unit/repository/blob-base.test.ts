import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asMac, type Mac } from "../../../src/format/index.ts";
import { SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { BlobIndex } from "../../../src/repository/index.ts";

const PACKS = 40;
const key = new SeededRandom(1).bytes(32);

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plakar-base-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

interface Place {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
}

/** What an index must answer, the slow way, beside the index. */
class Model {
  readonly index: BlobIndex = new BlobIndex();
  readonly macs: Mac[] = [];
  readonly #places: Map<string, Map<string, Place>> = new Map();
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  below(limit: number): number {
    return new DataView(this.#random.bytes(4).buffer).getUint32(0) % limit;
  }

  /** A few begin alike, in the first two bytes, or in thirteen of the seventeen that are compared. */
  newMac(): Mac {
    const bytes = this.#random.bytes(32);
    if (this.below(4) === 0) bytes.set([17, 4]);
    const [first] = this.macs;
    if (first && this.below(10) === 0) bytes.set(first.subarray(0, 13));
    return asMac(bytes);
  }

  add(): void {
    const isKnown = this.macs.length > 0 && this.below(5) === 0;
    const mac = isKnown ? (this.macs[this.below(this.macs.length)] as Mac) : this.newMac();
    if (!isKnown) this.macs.push(mac);
    const type = [5, 7, 9, 200][this.below(4)] as number;
    const place = {
      pack: this.below(4) === 0 ? 2 ** 24 - 1 - this.below(2) : this.below(PACKS),
      offset: [0, 1000, 2 ** 32 - 1, 2 ** 32, 2 ** 40 - 1][this.below(5)] as number,
      length: [1, 2 ** 24 - 2, 2 ** 24 - 1, 2 ** 32 - 1][this.below(4)] as number,
    };
    this.index.add(type, mac, 0, place.pack, place.offset, place.length);
    this.of(type, mac).set(`${place.pack} ${place.offset} ${place.length}`, place);
  }

  remove(): void {
    const mac = this.macs[this.below(this.macs.length)] as Mac;
    for (const type of [5, 7, 9, 200]) {
      const places = this.of(type, mac);
      const [first] = places.values();
      if (!first) continue;
      this.index.remove(type, mac, first.pack);
      for (const [name, { pack }] of [...places]) if (pack === first.pack) places.delete(name);
    }
  }

  of(type: number, mac: Mac): Map<string, Place> {
    const name = `${type} ${toHex(mac)}`;
    let places = this.#places.get(name);
    if (!places) this.#places.set(name, (places = new Map()));
    return places;
  }
}

const shown = ({ pack, offset, length }: Place): string => `${pack} ${offset} ${length}`;

function expectSame(model: Model, index: BlobIndex = model.index): void {
  const trusted = new Uint8Array(2 ** 24);
  for (let pack = 0; pack < PACKS; pack += 2) trusted[pack] = 1;
  for (const mac of [...model.macs, ...Array.from({ length: 20 }, () => model.newMac())]) {
    for (const type of [5, 7, 9, 200, 11]) {
      const wanted = [...model.of(type, mac).values()];
      const found = [...index.locations(type, mac)];
      expect(found.map(shown).toSorted()).toEqual(wanted.map(shown).toSorted());
      expect(index.has(type, mac, trusted)).toBe(wanted.some(({ pack }) => trusted[pack] === 1));
      expect(index.sole(type, mac)).toBe(found.length === 1 ? found[0]?.record : -1);
      for (const { record } of found) {
        expect(index.typeOf(record)).toBe(type);
        expect(index.isMacOf(record, mac)).toBe(true);
      }
    }
  }
}

describe("an index with a base", () => {
  test.each([1, 2, 3, 4, 5, 6])(
    "answers as a simple map does, whatever is added, removed and put in order (seed %i)",
    (seed) => {
      const model = new Model(seed);
      for (let round = 0; round < 5; round++) {
        const additions = model.below(700);
        for (let number = 0; number < additions; number++) model.add();
        for (let number = 0; number < 10 && model.macs.length > 0; number++) model.remove();
        expectSame(model);
        const place = seed % 2 === 0 ? undefined : directory;
        if (model.below(3) === 0) model.index.spill(place);
        const { file } = model.index.compact(place, key);
        expect(file === undefined).toBe(place === undefined);
        file?.unlink();
        expectSame(model);
        const trusted = new SharedArrayBuffer(1);
        expectSame(model, BlobIndex.fromShared(structuredClone(model.index.share(trusted))));
      }
      model.index.close();
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  test("finds all blobs of one beginning, which somebody may have made so", () => {
    const index = new BlobIndex();
    const random = new SeededRandom(9);
    const macs = Array.from({ length: 5_000 }, () => {
      const bytes = random.bytes(32);
      bytes.set([1, 2, 3, 4, 5, 6]);
      return asMac(bytes);
    });
    for (const [number, mac] of macs.entries()) index.add(9, mac, 0, 0, number, 1);
    index.compact(undefined, key);
    for (const [number, mac] of macs.entries()) expect(index.offsetOf(index.sole(9, mac))).toBe(number);
    expect(index.sole(9, asMac(random.bytes(32)))).toBe(-1);
  });

  test("may be empty", () => {
    const index = new BlobIndex();
    index.compact(directory, key).file?.unlink();
    expect(index.count).toBe(0);
    expect(index.sole(9, asMac(new Uint8Array(32)))).toBe(-1);
    expect(index.recordsByPack(0)).toEqual([]);
    index.close();
  });
});
