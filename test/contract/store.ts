import { assert, asyncProperty, nat } from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SeededRandom, toHex } from "../../src/foundation/index.ts";
import type { Store, StoreKind } from "../../src/store/index.ts";

/*
 * What every store promises. A new kind of store is done when `describeStoreContract` passes for it, or, where it can only
 * be read, `describeReadOnlyContract`.
 */

export interface StoreUnderTest {
  /** A place where nothing is yet. */
  readonly store: Store;
  /** The same place as another program sees it. */
  readonly reopen: () => Promise<Store>;
  readonly remove?: () => void;
}

export const kinds: readonly StoreKind[] = ["packfiles", "states", "locks"];

const chance = new SeededRandom(7);
export const configuration: Uint8Array = chance.bytes(700);

export function someId(): string {
  return toHex(chance.bytes(32));
}

/** Ids that share their first byte with others, as those of a large store do. */
export function neighbours(count: number, first = "a7"): string[] {
  return Array.from({ length: count }, () => first + someId().slice(2));
}

export function someBytes(length: number): Uint8Array {
  return chance.bytes(length);
}

/** `toStrictEqual` takes its time over large arrays. */
function expectBytes(seen: Uint8Array, expected: Uint8Array): void {
  expect([seen.length, Buffer.compare(seen, expected)]).toStrictEqual([expected.length, 0]);
}

export async function idsOf(store: Store, kind: StoreKind): Promise<string[]> {
  return (await store.list(kind)).map(({ id }) => id).toSorted();
}

export function describeStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a store`, () => {
    describe("that was not created", () => {
      contractOfNothing(make);
    });

    describe("that was created", () => {
      let place: StoreUnderTest;
      beforeAll(async () => {
        place = await make();
        await place.store.create(configuration);
      });
      afterEach(async () => {
        for (const kind of kinds) {
          for (const { id } of await place.store.list(kind)) await place.store.delete(kind, id);
        }
      });
      afterAll(async () => {
        await place.store.close();
        place.remove?.();
      });
      contractOfCreation(() => place);
      contractOfFiles(() => place);
      contractOfRanges(() => place);
      contractOfCompany(() => place);
    });
  });
}

type Subject = () => StoreUnderTest;

function contractOfNothing(make: () => Promise<StoreUnderTest>): void {
  let place: StoreUnderTest;
  beforeEach(async () => {
    place = await make();
  });
  afterEach(async () => {
    await place.store.close();
    place.remove?.();
  });

  test("is missing, whatever is asked of it", async () => {
    const { store } = place;
    const missing = { code: "store-missing", kind: "missing" };
    await expect(store.readConfiguration()).rejects.toMatchObject({ ...missing, advice: expect.any(String) });
    for (const kind of kinds) {
      await expect(store.list(kind)).rejects.toMatchObject(missing);
      await expect(store.put(kind, someId(), someBytes(3))).rejects.toMatchObject(missing);
      await expect(store.get(kind, someId())).rejects.toMatchObject({ kind: "missing" });
    }
  });

  test("is created with its configuration, and empty", async () => {
    await place.store.expectEmpty();
    await place.store.create(configuration);
    for (const seen of [place.store, await place.reopen()]) {
      expectBytes(await seen.readConfiguration(), configuration);
      for (const kind of kinds) expect(await seen.list(kind)).toStrictEqual([]);
    }
  });
}

function contractOfCreation(subject: Subject): void {
  test("is never created again, and keeps what it has", async () => {
    const { store, reopen } = subject();
    const [id, bytes] = [someId(), someBytes(10)];
    await store.put("states", id, bytes);
    for (const seen of [store, await reopen()]) {
      const refused = { code: "store-not-empty", kind: "input", advice: expect.any(String) };
      await expect(seen.expectEmpty()).rejects.toMatchObject(refused);
      await expect(seen.create(someBytes(5))).rejects.toMatchObject(refused);
    }
    expectBytes(await store.readConfiguration(), configuration);
    expect(await store.get("states", id)).toStrictEqual(new Uint8Array(bytes));
  });

  test("says where it is and what it can do", () => {
    const { store } = subject();
    expect(store.location).not.toBe("");
    expect([store.writable, store.deletable]).toStrictEqual([true, true]);
  });
}

function contractOfFiles(subject: Subject): void {
  test.each([0, 1, 4096, 1_000_003])("gives back a file of %i bytes, each kind for itself", async (length) => {
    const { store, reopen } = subject();
    const id = someId();
    const files = new Map(kinds.map((kind) => [kind, someBytes(length)]));
    for (const [kind, bytes] of files) await store.put(kind, id, bytes);
    for (const seen of [store, await reopen()]) {
      for (const [kind, bytes] of files) expectBytes(await seen.get(kind, id), bytes);
    }
  });

  test("answers bytes that belong to the caller", async () => {
    const { store } = subject();
    const id = someId();
    const bytes = new Uint8Array([1, 2, 3]);
    await store.put("states", id, bytes);
    bytes.fill(9);
    (await store.get("states", id)).fill(8);
    (await store.readConfiguration()).fill(8);
    const answer = await store.get("states", id);
    expect(answer).toStrictEqual(new Uint8Array([1, 2, 3]));
    expect(answer.buffer.byteLength).toBe(3);
    expectBytes(await store.readConfiguration(), configuration);
  });

  test("takes bytes that are a part of a larger buffer", async () => {
    const { store } = subject();
    const id = someId();
    const large = someBytes(100);
    await store.put("packfiles", id, large.subarray(10, 20));
    await store.put("locks", id, Buffer.from(large.buffer, large.byteOffset + 30, 5));
    expect(await store.get("packfiles", id)).toStrictEqual(new Uint8Array(large.slice(10, 20)));
    expect(await store.get("locks", id)).toStrictEqual(new Uint8Array(large.slice(30, 35)));
  });

  test("has no file that nobody stored", async () => {
    const { store } = subject();
    await store.put("packfiles", someId(), someBytes(10));
    for (const kind of kinds) {
      const missing = { code: "file-missing", kind: "missing", message: expect.stringContaining(kind) };
      await expect(store.get(kind, someId())).rejects.toMatchObject(missing);
      await expect(store.get(kind, someId(), { offset: 0, length: 0 })).rejects.toMatchObject(missing);
    }
  });

  test("lists what it has, with sizes when asked", async () => {
    const { store, reopen } = subject();
    for (const kind of kinds) {
      const ids = [...neighbours(40), ...Array.from({ length: 40 }, someId)];
      await Promise.all(ids.map((id, index) => store.put(kind, id, someBytes(index))));
      for (const seen of [store, await reopen()]) {
        expect(await idsOf(seen, kind)).toStrictEqual(ids.toSorted());
        const sizes = new Map((await seen.list(kind, { sizes: true })).map(({ id, sizeBytes }) => [id, sizeBytes]));
        expect(sizes).toStrictEqual(new Map(ids.map((id, index) => [id, index] as const)));
      }
    }
  });

  test("replaces a file as a whole, by a shorter one and a longer one", async () => {
    const { store, reopen } = subject();
    const id = someId();
    for (const length of [50, 10, 90, 0]) {
      const bytes = someBytes(length);
      await store.put("locks", id, bytes);
      expect(await (await reopen()).get("locks", id)).toStrictEqual(new Uint8Array(bytes));
      expect(await store.list("locks", { sizes: true })).toStrictEqual([{ id, sizeBytes: length }]);
    }
  });

  test("removes files, and does not mind when they are gone", async () => {
    const { store, reopen } = subject();
    for (const kind of kinds) {
      const [gone, stays] = neighbours(2) as [string, string];
      await store.put(kind, gone, someBytes(5));
      await store.put(kind, stays, someBytes(6));
      await store.delete(kind, gone);
      await store.delete(kind, gone);
      await store.delete(kind, someId());
      await expect((await reopen()).get(kind, gone)).rejects.toMatchObject({ code: "file-missing" });
      expect(await idsOf(store, kind)).toStrictEqual([stays]);
      await store.put(kind, gone, someBytes(7));
      expect(await store.get(kind, gone)).toHaveLength(7);
    }
  });

  test("never takes other names for ids", async () => {
    const { store } = subject();
    const names = [
      "",
      "..",
      "../../CONFIG",
      "CONFIG",
      "a7",
      "tmp.1",
      "A".repeat(64),
      "g".repeat(64),
      `${"a".repeat(64)}/`,
    ];
    for (const name of names) {
      for (const kind of kinds) {
        await expect(store.get(kind, name)).rejects.toMatchObject({ code: "file-missing" });
        await expect(store.put(kind, name, someBytes(1))).rejects.toMatchObject({ kind: "bug" });
        await expect(store.delete(kind, name)).rejects.toMatchObject({ kind: "bug" });
      }
    }
    expectBytes(await store.readConfiguration(), configuration);
  });

  test("keeps a packfile of 70 MiB", async () => {
    const { store, reopen } = subject();
    const id = someId();
    const bytes = new Uint8Array(70 * 2 ** 20);
    for (let at = 0; at < bytes.length; at += 4093) bytes[at] = at;
    await store.put("packfiles", id, bytes);
    const seen = await reopen();
    expect(Buffer.compare(await seen.get("packfiles", id), bytes)).toBe(0);
    const range = { offset: 66 * 2 ** 20 + 1, length: 4 * 2 ** 20 - 1 };
    expect(Buffer.compare(await seen.get("packfiles", id, range), bytes.subarray(range.offset))).toBe(0);
    await expect(seen.get("packfiles", id, { ...range, length: range.length + 1 })).rejects.toMatchObject({
      code: "file-short",
    });
    await store.delete("packfiles", id);
  });
}

function contractOfRanges(subject: Subject): void {
  test("answers exactly the range, or says that the file is short", async () => {
    const { store } = subject();
    const id = someId();
    const bytes = someBytes(300);
    await store.put("packfiles", id, bytes);
    await assert(
      asyncProperty(nat(320), nat(320), async (offset, length) => {
        const answer = store.get("packfiles", id, { offset, length });
        if (offset + length <= bytes.length) {
          expect(await answer).toStrictEqual(new Uint8Array(bytes.slice(offset, offset + length)));
        } else await expect(answer).rejects.toMatchObject({ code: "file-short", kind: "corrupted" });
      }),
      {
        examples: [
          [0, 300],
          [300, 0],
          [301, 0],
          [299, 2],
        ],
      },
    );
  });

  test("calls a file short for ranges that no file has", async () => {
    const { store } = subject();
    const id = someId();
    await store.put("states", id, someBytes(10));
    const big = Number.MAX_SAFE_INTEGER;
    for (const [offset, length] of [
      [-1, 2],
      [0, -1],
      [0, 2 ** 40],
      [big, big],
      [0.5, 1],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
    ] as const) {
      await expect(store.get("states", id, { offset, length })).rejects.toMatchObject({ code: "file-short" });
    }
  });
}

function contractOfCompany(subject: Subject): void {
  test("serves many callers at once", async () => {
    const { store, reopen } = subject();
    const other = await reopen();
    const files = [...neighbours(24), ...Array.from({ length: 24 }, someId)].map(
      (id) => [id, someBytes(5000)] as const,
    );
    await Promise.all(
      files.map(async ([id, bytes], index) => {
        const writer = index % 2 ? store : other;
        await writer.put("packfiles", id, bytes);
        expect(await store.get("packfiles", id)).toStrictEqual(new Uint8Array(bytes));
        if (index % 3 === 0) await other.delete("packfiles", id);
        await store.list("packfiles", { sizes: true });
      }),
    );
    const kept = files.map(([id]) => id).filter((_, index) => index % 3 !== 0);
    expect(await idsOf(store, "packfiles")).toStrictEqual(kept.toSorted());
  });

  test("shows no reader a part of a file that is replaced again and again", async () => {
    const { store, reopen } = subject();
    const other = await reopen();
    const id = someId();
    const contents = [1, 2, 3].map((fill) => new Uint8Array(20_000 * fill).fill(fill));
    await store.put("locks", id, contents[0] as Uint8Array);
    let writing = true;
    const reader = async (): Promise<void> => {
      while (writing) {
        const seen = await other.get("locks", id);
        expect(contents.some((bytes) => Buffer.compare(bytes, seen) === 0)).toBe(true);
        expect(await idsOf(other, "locks")).toStrictEqual([id]);
      }
    };
    const writer = async (turn: number): Promise<void> => {
      const through = turn % 2 ? store : other;
      for (let round = 0; round < 10; round++)
        await through.put("locks", id, contents[(round + turn) % 3] as Uint8Array);
    };
    const readers = [reader(), reader()];
    await Promise.all([0, 1, 2].map(writer)).finally(() => {
      writing = false;
    });
    await Promise.all(readers);
  });

  test("is a map from ids to bytes, whatever is done to it in whatever order", async () => {
    const { store, reopen } = subject();
    const ids = neighbours(3);
    const model = new Map<string, Uint8Array>();
    const names = new Set<string>();
    const key = (kind: StoreKind, id: string): string => `${kind}/${id}`;
    for (let step = 0; step < 80; step++) {
      const kind = kinds[chance.below(3)] as StoreKind;
      const id = ids[chance.below(3)] as string;
      const through = step % 5 ? store : await reopen();
      if (chance.below(3) === 0) {
        await through.delete(kind, id);
        model.delete(key(kind, id));
      } else {
        const bytes = someBytes(chance.below(60));
        await through.put(kind, id, bytes);
        model.set(key(kind, id), new Uint8Array(bytes));
        names.add(key(kind, id));
      }
      expect(await contentsOf(store)).toStrictEqual(model);
    }
    expect(names.size).toBeGreaterThan(6);
  });
}

/** Everything that is in a store. */
export async function contentsOf(store: Store): Promise<Map<string, Uint8Array>> {
  const found: [string, Uint8Array][] = [];
  for (const kind of kinds) {
    for (const { id } of await store.list(kind)) found.push([`${kind}/${id}`, await store.get(kind, id)]);
  }
  return new Map(found);
}

export interface ReadOnlyUnderTest {
  readonly store: Store;
  readonly configuration: Uint8Array;
  readonly files: readonly { readonly kind: StoreKind; readonly id: string; readonly bytes: Uint8Array }[];
}

/** The half of the contract that stores keep which can only be read. */
export function describeReadOnlyContract(name: string, open: () => Promise<ReadOnlyUnderTest>): void {
  describe(`${name} as a store that can only be read`, () => {
    let place: ReadOnlyUnderTest;
    beforeEach(async () => {
      place = await open();
    });
    afterEach(() => place.store.close());

    test("gives back its configuration and its files, to many callers at once", async () => {
      const { store, files } = place;
      const [first, second] = await Promise.all([store.readConfiguration(), store.readConfiguration()]);
      expect(new Uint8Array(first)).toStrictEqual(new Uint8Array(place.configuration));
      expect(second).toStrictEqual(first);
      const answers = await Promise.all(files.map(({ kind, id }) => store.get(kind, id)));
      expect(answers).toStrictEqual(files.map(({ bytes }) => new Uint8Array(bytes)));
    });

    test("lists them", async () => {
      for (const kind of kinds) {
        const known = place.files.filter((file) => file.kind === kind);
        const listed = await place.store.list(kind, { sizes: true });
        expect(listed).toStrictEqual(known.map(({ id, bytes }) => ({ id, sizeBytes: bytes.length })));
      }
    });

    test("answers exactly the range, or says that the file is short", async () => {
      for (const { kind, id, bytes } of place.files) {
        const offset = bytes.length - 20;
        const answer = await place.store.get(kind, id, { offset, length: 20 });
        expect(answer).toStrictEqual(new Uint8Array(bytes.slice(offset)));
        for (const range of [
          { offset, length: 21 },
          { offset: -1, length: 1 },
          { offset: 2 ** 52, length: 2 ** 52 },
        ]) {
          await expect(place.store.get(kind, id, range)).rejects.toMatchObject({ code: "file-short" });
        }
      }
    });

    test("refuses to be changed, with the reason", async () => {
      const { store } = place;
      expect([store.writable, store.deletable]).toStrictEqual([false, false]);
      const refused = { code: "store-read-only", kind: "denied", advice: expect.any(String) };
      await expect(store.expectEmpty()).rejects.toMatchObject(refused);
      await expect(store.create(configuration)).rejects.toMatchObject(refused);
      for (const kind of kinds) {
        await expect(store.put(kind, someId(), someBytes(3))).rejects.toMatchObject(refused);
        await expect(store.delete(kind, someId())).rejects.toMatchObject(refused);
      }
    });

    test("is opened anew after it was closed", async () => {
      const { store } = place;
      await store.list("states");
      await store.close();
      await store.close();
      expect(new Uint8Array(await store.readConfiguration())).toStrictEqual(new Uint8Array(place.configuration));
    });
  });
}
