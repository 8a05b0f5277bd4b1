import { beforeEach, describe, expect, test } from "vitest";
import { asMac, type Mac, ResourceType, StateWriter } from "../../../src/format/index.ts";
import {
  openRepository,
  type Repository,
  readPackIndex,
  storeState,
  trustedPacks,
  writeTombstone,
} from "../../../src/repository/index.ts";
import type { Store } from "../../../src/store/contract.ts";
import { createMemoryStore, type StoreFault, withFaults } from "../../../src/store/index.ts";
import { content, createIn, memoryStore, newSnapshotId, open, type Written, write } from "./memory-repository.ts";

const PASSPHRASE = "a passphrase for tests";
/** Neither of them fits into the other's range. */
const contents = [content(1, 100_000), content(2, 300_000), Buffer.alloc(200_000, "compresses well ")];

describe.each([
  { kind: "a plaintext store", passphrase: null },
  { kind: "an encrypted store", passphrase: PASSPHRASE },
])("in $kind", ({ passphrase }) => {
  let store: Store;
  let written: Written;
  const opening = passphrase === null ? {} : { passphrase };

  beforeEach(async () => {
    store = await memoryStore(passphrase);
    written = await write(await open(store, opening), contents);
  });

  const reading = async (fault: (kind: string | undefined) => StoreFault | undefined): Promise<Repository> => {
    const faulty = withFaults(store, ({ name, kind }) => (name === "get" ? fault(kind) : undefined));
    const repository = await open(faulty, opening);
    await repository.load();
    return repository;
  };

  test("every blob is read back, and once more content adds no blob", async () => {
    const repository = await open(store, opening);
    await repository.load();
    for (const { mac, plain } of written.blobs)
      expect(await repository.reader.read(ResourceType.chunk, mac, "a blob")).toEqual(new Uint8Array(plain));
    const before = (await store.list("packfiles")).length;
    await write(repository, contents);
    const packs = (await store.list("packfiles")).map(({ id }) => id);
    expect(packs).toHaveLength(before + 1);
    const added = packs.map((id) => readPackIndex(repository, id));
    const chunks = (await Promise.all(added)).flat().filter(({ type }) => type === ResourceType.chunk);
    expect(chunks).toHaveLength(contents.length);
  });

  test("I-03 no byte is answered of a blob in a packfile that is flipped, cut or gone", async () => {
    const faults: readonly StoreFault[] = [
      ...[0, 7_777, 500_000, 1_000_003].map((bit): StoreFault => ({ fault: "flip", bit })),
      { fault: "truncate", toBytes: 17 },
      { fault: "truncate", toBytes: 0 },
      { fault: "vanish" },
    ];
    for (const fault of faults) {
      const repository = await reading((kind) => (kind === "packfiles" ? fault : undefined));
      let refused = 0;
      for (const { mac, plain } of written.blobs) {
        try {
          // a flipped bit hits one blob of those that are read together
          expect(await repository.reader.read(ResourceType.chunk, mac, "a blob")).toEqual(new Uint8Array(plain));
        } catch (error) {
          refused++;
          expect(error).toMatchObject({ kind: "corrupted", message: expect.stringMatching(/[0-9a-f]{8}/) });
        }
      }
      expect(refused).toBeGreaterThan(0);
    }
  });

  test("I-03 a state that is flipped or cut fails by name, for nobody can tell what it hid", async () => {
    for (const fault of [
      { fault: "flip", bit: 3_000 },
      { fault: "truncate", toBytes: 60 },
    ] satisfies StoreFault[]) {
      await expect(reading((kind) => (kind === "states" ? fault : undefined))).rejects.toMatchObject({
        code: "state-damaged",
        message: expect.stringContaining(written.id.slice(0, 8)),
      });
    }
  });

  test("I-03 a state under the name of another is told, for what that one knew is lost", async () => {
    const other = await write(await open(store, opening), [content(8, 10_000)]);
    const removal = await open(store, opening);
    await removal.load();
    await writeTombstone(removal, other.id);
    const names = (await store.list("states")).map(({ id }) => id);
    const tombstone = names.find((id) => id !== written.id && id !== other.id) as string;
    const swap = async (a: string, b: string): Promise<void> => {
      const [inA, inB] = [await store.get("states", a), await store.get("states", b)];
      await store.delete("states", a);
      await store.delete("states", b);
      await store.put("states", a, inB);
      await store.put("states", b, inA);
    };
    for (const [a, b] of [
      [written.id, other.id],
      [written.id, tombstone],
    ] as const) {
      await swap(a, b);
      const warnings: string[] = [];
      await (await open(store, { ...opening, warnings })).load();
      expect(warnings.toSorted()).toStrictEqual(
        [
          `state ${a.slice(0, 8)} is not what was stored under its name, but state ${b.slice(0, 8)}`,
          `state ${b.slice(0, 8)} is not what was stored under its name, but state ${a.slice(0, 8)}`,
        ].toSorted(),
      );
      const found = new Map<string, string>();
      await (await open(store, opening)).loadAfresh((id, { code }) => found.set(id, code));
      expect(found).toStrictEqual(
        new Map([
          [a, "state-misplaced"],
          [b, "state-misplaced"],
        ]),
      );
      await swap(a, b);
    }
    await (await open(store, opening)).loadAfresh((id) => expect.unreachable(id));
  });

  test("a state that marks or deletes packfiles may bear any name, as those of Go's maintenance do", async () => {
    const [pack = ""] = (await store.list("packfiles")).map(({ id }) => id);
    const maintained = await open(store, opening);
    const marks = new StateWriter();
    marks.coloured({ type: ResourceType.packfile, id: Buffer.from(pack, "hex"), timestampNs: 1n });
    await storeState(maintained, newSnapshotId(), marks);
    const deletions = new StateWriter();
    const packfile = Buffer.from("ab".repeat(32), "hex");
    deletions.delete({ deletedKind: 4, type: 0, mac: asMac(Buffer.alloc(32)), packfile });
    deletions.coloured({ type: ResourceType.snapshot, id: Buffer.from(newSnapshotId(), "hex"), timestampNs: 1n });
    await storeState(maintained, newSnapshotId(), deletions);
    const warnings: string[] = [];
    const state = await (await open(store, { ...opening, warnings })).loadAfresh((id) => expect.unreachable(id));
    expect([...state.colouredPacks.keys()]).toEqual([0]);
    expect([...state.packIds.keys()].filter((each) => state.packs.isRemoved(each))).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test("a blob that was stored twice is read from the copy that is whole", async () => {
    const [lost = ""] = (await store.list("packfiles")).map(({ id }) => id);
    const bytes = await store.get("packfiles", lost);
    await store.delete("packfiles", lost);
    const again = await write(await open(store, opening), contents);
    bytes.fill(0, 100, bytes.length - 100);
    await store.put("packfiles", lost, bytes);
    const repository = await open(store, opening);
    await repository.load();
    for (const { mac, plain } of again.blobs) {
      expect([...repository.reader.locate(ResourceType.chunk, mac)]).toHaveLength(2);
      expect(await repository.reader.read(ResourceType.chunk, mac, "a blob")).toEqual(new Uint8Array(plain));
    }
  });

  test("a packfile that is gone or short is not relied on", async () => {
    const [pack = ""] = (await store.list("packfiles")).map(({ id }) => id);
    const whole = await store.get("packfiles", pack);
    const warnings: string[] = [];
    const repository = await open(store, { ...opening, warnings });
    await repository.load();
    expect([...(await trustedPacks(repository))]).toEqual([1]);
    await store.put("packfiles", pack, whole.slice(0, whole.length >> 1));
    expect([...(await trustedPacks(repository))]).toEqual([0]);
    await store.delete("packfiles", pack);
    expect([...(await trustedPacks(repository))]).toEqual([0]);
    const told = (how: string): string =>
      `packfile ${pack.slice(0, 8)} is ${how}: run check; what this backup needs of it is stored again`;
    expect(warnings).toEqual([told("shorter than it was"), told("missing")]);
  });

  test("I-01 what is written shows only after its commit, and packfiles are there before the state", async () => {
    const order: string[] = [];
    const watched = withFaults(store, ({ name, kind }) => {
      if (name === "put") order.push(String(kind));
      return undefined;
    });
    await write(await open(watched, opening), [content(9, 50_000)]);
    expect(order).toEqual(["packfiles", "states"]);
  });

  test("I-01 a commit whose packfile cannot be stored writes no state", async () => {
    const full = new Error("no space left");
    const faulty = withFaults(store, ({ name, kind }) =>
      name === "put" && kind === "packfiles" ? { fault: "error", error: full } : undefined,
    );
    await expect(write(await open(faulty, opening), [content(9, 50_000)])).rejects.toThrow("no space left");
    expect((await store.list("states")).map(({ id }) => id)).toEqual([written.id]);
  });

  test("a blob of one type does not answer for another", async () => {
    const repository = await open(store, opening);
    await repository.load();
    const mac = written.blobs[0]?.mac as Mac;
    await expect(repository.reader.read(ResourceType.object, mac, "an object")).rejects.toMatchObject({
      code: "blob-missing",
    });
  });
});

describe("opening", () => {
  test("fails with the wrong passphrase, and with none where one is needed", async () => {
    const store = await memoryStore(PASSPHRASE);
    for (const passphrase of ["another", ""]) {
      await expect(open(store, { passphrase })).rejects.toMatchObject({ code: "passphrase-wrong", kind: "denied" });
    }
  });

  test("asks for no passphrase where there is nothing to unlock", async () => {
    const store = createMemoryStore();
    await createIn(store, null);
    let asked = 0;
    await openRepository({
      store,
      passphrase: async () => {
        asked++;
        return new Uint8Array();
      },
      clock: { nowNs: () => 0n, monotonicMs: () => 0 },
      random: { bytes: (length) => new Uint8Array(length) },
      hostName: "",
      cacheDirectory: undefined,
      onWarning: () => undefined,
      onDamage: (error) => {
        throw error;
      },
    });
    expect(asked).toBe(0);
  });

  test("fails where there is no store, and where one is already", async () => {
    await expect(open(createMemoryStore())).rejects.toMatchObject({ code: "store-missing" });
    const store = await memoryStore();
    await expect(createIn(store, null)).rejects.toMatchObject({ kind: "input" });
  });
});
