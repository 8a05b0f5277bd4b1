import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asMac, ResourceType } from "../../../src/format/index.ts";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { BlobIndex, type Repository } from "../../../src/repository/index.ts";
import type { Store } from "../../../src/store/contract.ts";
import { openFsStore, withFaults } from "../../../src/store/index.ts";
import { blobsOf, countFound, storeGenerated } from "../../support/generated-state.ts";
import { content, createIn, newSnapshotId, open, write } from "./memory-repository.ts";

/** More than the table takes, and a state of more than is read as a whole. */
const many = { seed: 7, count: 140_000 };
const SAMPLE = 97;
const sampled = Math.ceil(many.count / SAMPLE);

let scratch = "";
let store: Store;

const cacheDirectory = (): string => join(scratch, "cache");
const statesDirectory = (): string => join(cacheDirectory(), "states");
const cacheFile = (suffix: string): string =>
  join(statesDirectory(), readdirSync(statesDirectory()).find((name) => name.endsWith(suffix)) ?? "none");

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "plakar-index-"));
  store = openFsStore(join(scratch, "store"));
});
afterEach(() => rmSync(scratch, { recursive: true }));

async function loaded(at: Store = store, directory: string | undefined = cacheDirectory()): Promise<Repository> {
  const repository = await open(at, directory === undefined ? {} : { cacheDirectory: directory });
  await repository.load();
  return repository;
}

/** What a store answers that counts how many states are read. */
async function loadedCounting(): Promise<{ repository: Repository; statesRead: number }> {
  const read = new Set<string>();
  const counting = withFaults(store, (call) => {
    if (call.name === "get" && call.kind === "states") read.add(String(call.id));
    return undefined;
  });
  return { repository: await loaded(counting), statesRead: read.size };
}

async function fill(passphrase: string | null = null): Promise<void> {
  await createIn(store, passphrase);
  const repository = await open(store, passphrase === null ? {} : { passphrase });
  await storeGenerated(repository, { ...many, id: newSnapshotId() });
}

describe("an index of more blobs than its table takes", () => {
  test("is put in order on the disk once, and is opened from there", async () => {
    await fill();
    const first = await loadedCounting();
    expect(first.statesRead).toBe(1);
    expect(countFound(first.repository, many)).toBe(many.count);
    await first.repository.close();
    expect(
      readdirSync(statesDirectory())
        .map((name) => name.slice(name.lastIndexOf(".")))
        .toSorted(),
    ).toEqual([".blobs", ".state"]);
    expect(statSync(cacheFile(".blobs")).size / many.count).toBeLessThan(29);
    const again = await loadedCounting();
    expect(again.statesRead).toBe(0);
    expect(again.repository.state.blobs.count).toBe(many.count);
    expect(countFound(again.repository, many)).toBe(many.count);
    expect(countFound(again.repository, { seed: 8, count: 10_000 })).toBe(0);
    const lists = again.repository.state.blobs.recordsByPack(again.repository.state.packIds.length);
    expect(lists.reduce((sum, list) => sum + list.length, 0)).toBe(many.count);
    await again.repository.close();
  });

  test("takes in what others add, beside what is in order, and answers both in workers' eyes", async () => {
    await fill();
    await (await loaded()).close();
    const added = await write(await open(store), [content(3, 9_000)]);
    const repository = await loaded();
    expect(countFound(repository, many, SAMPLE)).toBe(sampled);
    const [{ mac } = { mac: asMac(new Uint8Array(32)) }] = added.blobs;
    const trusted = new Uint8Array(new SharedArrayBuffer(repository.state.packIds.length)).fill(1);
    const { blobs } = repository.state;
    const seen = BlobIndex.fromShared(structuredClone(blobs.share(trusted.buffer)));
    expect(seen.has(ResourceType.chunk, mac, trusted)).toBe(true);
    expect(seen.sole(ResourceType.chunk, mac)).toBe(blobs.sole(ResourceType.chunk, mac));
    for (const { mac: each } of blobsOf({ ...many, count: 500 })) {
      expect(seen.has(ResourceType.chunk, each, trusted)).toBe(true);
      expect(seen.has(ResourceType.object, each, trusted)).toBe(false);
      expect(seen.has(ResourceType.chunk, each, new Uint8Array(trusted.length))).toBe(false);
    }
    await repository.close();
  });

  test("is made in memory where no file can be written", async () => {
    await fill();
    mkdirSync(scratch, { recursive: true });
    writeFileSync(cacheDirectory(), "a file in its place");
    const repository = await loaded();
    expect(countFound(repository, many, SAMPLE)).toBe(sampled);
    const without = await open(store);
    await without.loadAfresh((id) => expect.unreachable(id));
    expect(countFound(without, many, SAMPLE)).toBe(sampled);
  });

  test("is made anew by check, which leaves no file behind", async () => {
    await fill();
    const repository = await open(store, { cacheDirectory: cacheDirectory() });
    await repository.loadAfresh((id) => expect.unreachable(id));
    expect(countFound(repository, many, SAMPLE)).toBe(sampled);
    await repository.close();
    expect(readdirSync(statesDirectory())).toEqual([]);
  });

  test("of an encrypted store is read part by part as well", async () => {
    await fill("secret");
    const repository = await open(store, { passphrase: "secret", cacheDirectory: cacheDirectory() });
    await repository.load();
    expect(countFound(repository, many, SAMPLE)).toBe(sampled);
    await repository.close();
  });

  test("is not believed over a store that has lost the state", async () => {
    await fill();
    await (await loaded()).close();
    const [state] = await store.list("states");
    await store.delete("states", state?.id ?? "");
    const repository = await loaded();
    expect(repository.state.blobs.count).toBe(0);
    expect(countFound(repository, many, SAMPLE)).toBe(0);
  });
});

describe("I-03 a large state", () => {
  test("that is flipped anywhere, or cut, fails by name and leaves nothing", async () => {
    await fill();
    const [{ id } = { id: "" }] = await store.list("states");
    const whole = await store.get("states", id);
    const random = new SeededRandom(11);
    const at = (limit: number): number => new DataView(random.bytes(4).buffer).getUint32(0) % limit;
    const places = [
      3,
      9,
      13,
      17,
      whole.length - 40,
      whole.length - 1,
      ...Array.from({ length: 6 }, () => at(whole.length)),
    ];
    for (const place of places) {
      const damaged = whole.slice();
      damaged[place] = (damaged[place] as number) ^ (1 << at(8));
      await store.put("states", id, damaged);
      await expect(loaded(store, undefined)).rejects.toMatchObject({ code: "state-damaged" });
      const told: string[] = [];
      const repository = await open(store, { cacheDirectory: cacheDirectory() });
      const state = await repository.loadAfresh((damagedId) => told.push(damagedId));
      expect(told).toEqual([id]);
      expect(state.blobs.count).toBe(0);
      expect(state.states.size).toBe(0);
      await repository.close();
    }
    await store.put("states", id, whole.subarray(0, whole.length - 1000));
    await expect(loaded(store, undefined)).rejects.toMatchObject({ code: "state-damaged" });
    expect(readdirSync(statesDirectory())).toEqual([]);
  });
});

describe("the cache of a large index", () => {
  test("never answers wrongly, whatever byte of it is flipped: it is made anew, or says that it is damaged", async () => {
    await fill();
    await (await loaded()).close();
    const random = new SeededRandom(5);
    const below = (limit: number): number => new DataView(random.bytes(4).buffer).getUint32(0) % limit;
    let damagedBlocks = 0;
    for (let round = 0; round < 24; round++) {
      const path = cacheFile(round % 4 === 0 ? ".state" : ".blobs");
      const bytes = readFileSync(path);
      // the last rounds hit what comes after the blocks
      const place = round > 19 ? bytes.length - 1 - below(200_000) : below(bytes.length);
      bytes[place] = (bytes[place] as number) ^ (1 << below(8));
      writeFileSync(path, bytes);
      const { repository, statesRead } = await loadedCounting();
      const { state } = repository;
      const trusted = new Uint8Array(state.packIds.length).fill(1);
      let lost = 0;
      for (const { mac } of blobsOf(many)) {
        if (!state.blobs.has(ResourceType.chunk, mac, trusted)) lost++;
        expect(state.blobs.hasAnywhere(ResourceType.chunk, asMac(mac))).toBe(true); // stored again, it counts as mended
      }
      // a wrong no has a blob stored again; nothing else may be said of blobs that are not there
      for (const { mac } of blobsOf({ seed: 8, count: 20_000 }))
        expect(state.blobs.has(ResourceType.chunk, mac, trusted)).toBe(false);
      expect(lost).toBeLessThan(1200); // one block, and those whose search touches it
      if (statesRead > 0) expect(lost).toBe(0);
      if (lost > 0) {
        damagedBlocks++;
        expect(() => countFound(repository, many)).toThrow("damaged");
      } else expect(countFound(repository, many)).toBe(many.count);
      await repository.close();
      expect(existsSync(cacheFile(".state"))).toBe(lost === 0);
      await (await loaded()).close(); // made anew
    }
    expect(damagedBlocks).toBeGreaterThan(5);
  }, 120_000);

  test("that is cut, or half gone, is made anew", async () => {
    await fill();
    await (await loaded()).close();
    const damages: (() => void)[] = [
      () => truncateSync(cacheFile(".blobs"), statSync(cacheFile(".blobs")).size - 1),
      () => truncateSync(cacheFile(".blobs"), 0),
      () => rmSync(cacheFile(".blobs")),
      () => rmSync(cacheFile(".state")),
      () => truncateSync(cacheFile(".state"), 100),
    ];
    for (const damage of damages) {
      damage();
      const { repository, statesRead } = await loadedCounting();
      expect(statesRead).toBe(1);
      expect(countFound(repository, many, SAMPLE)).toBe(sampled);
      await repository.close();
    }
  });

  test("is replaced under the eyes of a process that has it open, which goes on with what it has", async () => {
    await fill();
    const before = await loaded();
    const more = { seed: 9, count: 140_000 };
    await storeGenerated(await open(store), { ...more, id: newSnapshotId() });
    const after = await loaded();
    expect(countFound(after, more, SAMPLE)).toBe(sampled);
    expect(countFound(after, many, SAMPLE)).toBe(sampled);
    expect(countFound(before, many, SAMPLE)).toBe(sampled);
    expect(countFound(before, more, SAMPLE)).toBe(0);
    expect(readdirSync(statesDirectory())).toHaveLength(2);
    await before.close();
    await after.close();
  });

  test("lies in files that nobody else may read", async () => {
    await fill();
    await (await loaded()).close();
    for (const name of readdirSync(statesDirectory()))
      expect((statSync(join(statesDirectory(), name)).mode & 0o777).toString(8)).toBe("600");
    expect((statSync(statesDirectory()).mode & 0o777).toString(8)).toBe("700");
    chmodSync(statesDirectory(), 0o700);
  });
});
