import { describe, expect, test } from "vitest";
import { SeededRandom, systemRandom, toHex } from "../../../src/foundation/index.ts";
import { check } from "../../../src/operations/index.ts";
import { selectPacks } from "../../../src/operations/read-subset.ts";
import { content, memoryStore, open, write } from "../repository/memory-repository.ts";

const random = new SeededRandom(12);
const packs = Array.from({ length: 400 }, (_, pack) => ({
  pack,
  id: toHex(random.bytes(32)),
  sizeBytes: 1000 + random.below(9000),
}));
const bytesOf = (chosen: typeof packs): number => chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
const all = bytesOf(packs);

describe("a subset of packfiles", () => {
  test.each([1, 7, 50])("by parts of %i is everything together, each once, and the same every time", (parts) => {
    const chosen = Array.from({ length: parts }, (_, at) =>
      selectPacks(packs, { kind: "part", part: at + 1, parts }, systemRandom),
    );
    expect(chosen.flat().toSorted((a, b) => a.pack - b.pack)).toStrictEqual(packs);
    expect(selectPacks(packs, { kind: "part", part: 1, parts }, systemRandom)).toStrictEqual(chosen[0]);
  });

  test.each([0.0001, 0.05, 0.5, 1])(
    "by a share of %d has that share of the bytes, and another one each time",
    (share) => {
      const chosen = selectPacks(packs, { kind: "share", share }, random) as typeof packs;
      expect(bytesOf(chosen)).toBeGreaterThanOrEqual(share * all);
      expect(bytesOf(chosen)).toBeLessThanOrEqual(share * all + 10_000);
      if (share < 1) expect(selectPacks(packs, { kind: "share", share }, random)).not.toStrictEqual(chosen);
      expect(new Set(chosen).size).toBe(chosen.length);
    },
  );

  test("by a size reads about so much, one packfile at least, and never more than there are", () => {
    const sized = (bytes: number): typeof packs => selectPacks(packs, { kind: "size", bytes }, random);
    expect(sized(1)).toHaveLength(1);
    expect(bytesOf(sized(100_000))).toBeLessThan(110_000);
    expect(sized(1e12)).toHaveLength(packs.length);
    expect(selectPacks([], { kind: "size", bytes: 5 }, random)).toStrictEqual([]);
  });
});

describe("a check of a subset", () => {
  const options = { targets: [], workers: 1, progress: () => undefined };

  test("finds what is damaged in its part, and says how much it read", async () => {
    const store = await memoryStore();
    for (let at = 0; at < 6; at++) await write(await open(store), [content(at, 5000)]);
    const damaged = (await store.list("packfiles")).map(({ id }) => id)[2] as string;
    const bytes = await store.get("packfiles", damaged);
    bytes[600] = (bytes[600] as number) ^ 1;
    await store.put("packfiles", damaged, bytes);
    const named: (string | undefined)[] = [];
    let read = 0;
    for (let part = 1; part <= 3; part++) {
      const report = await check(await open(store), {
        ...options,
        fast: false,
        subset: { kind: "part", part, parts: 3 },
      });
      named.push(...report.storeProblems.flatMap(({ packfile }) => packfile ?? []));
      expect(report.read.packfilesInAll).toBe(6);
      read += report.read.packfiles;
    }
    expect(named.filter((id) => id === damaged)).toHaveLength(1);
    expect(read).toBe(6);
  });

  test("and one of the structure alone read no packfile, yet miss none, and see one that is short", async () => {
    const store = await memoryStore();
    for (let at = 0; at < 3; at++) await write(await open(store), [content(at, 5000)]);
    const [short = "", missing = ""] = (await store.list("packfiles")).map(({ id }) => id);
    await store.put("packfiles", short, (await store.get("packfiles", short)).slice(0, 300));
    await store.delete("packfiles", missing);
    const report = await check(await open(store), { ...options, fast: true });
    expect(report.read).toMatchObject({ packfiles: 0, bytes: 0, packfilesInAll: 2 });
    expect(new Set(report.storeProblems.map(({ code, packfile }) => `${code} ${packfile}`))).toStrictEqual(
      new Set([`packfile-short ${short}`, `packfile-missing ${missing}`]),
    );
  });
});
