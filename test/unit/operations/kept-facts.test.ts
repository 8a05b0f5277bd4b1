import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SeededRandom, systemClock, systemRandom } from "../../../src/foundation/index.ts";
import { backup, listSnapshots, removeSnapshots, type SnapshotListing } from "../../../src/operations/index.ts";
import { openRepository, type Repository } from "../../../src/repository/index.ts";
import { newest } from "../../../src/snapshot/index.ts";
import type { Store } from "../../../src/store/contract.ts";
import { openFsStore, withFaults } from "../../../src/store/index.ts";
import { backupOptions, InProcess } from "../../support/in-process.ts";

let scratch = "";
let store: Store;
let passphrase: string | null = null;
let told: string[] = [];

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), "plakar-facts-"));
  mkdirSync(join(scratch, "a secret name"));
  store = openFsStore(join(scratch, "store"));
  told = [];
});
afterEach(() => rmSync(scratch, { recursive: true }));

function open(at: Store = store): Promise<Repository> {
  return openRepository({
    store: at,
    passphrase: async () => Buffer.from(passphrase ?? ""),
    clock: systemClock,
    random: systemRandom,
    hostName: "test",
    cacheDirectory: join(scratch, "cache"),
    onWarning: (message) => told.push(message),
    onDamage: ({ message }) => told.push(message),
  });
}

async function create(secret: string | null): Promise<void> {
  passphrase = secret;
  await new InProcess(store, { passphrase }).create();
}

async function save(content: string): Promise<string> {
  writeFileSync(join(scratch, "a secret name", "file"), content);
  const paths = [join(scratch, "a secret name")];
  const report = await backup(await open(), { ...backupOptions, paths, tags: ["nightly"], name: content });
  return report.snapshot as string;
}

/** What is listed, and how many times a packfile was read for it. */
async function listed(): Promise<{ all: SnapshotListing[]; reads: number }> {
  let reads = 0;
  const counting = withFaults(store, ({ name, kind }) => {
    if (name === "get" && kind === "packfiles") reads++;
    return undefined;
  });
  const repository = await open(counting);
  const all = await listSnapshots(repository);
  await repository.close();
  return { all, reads };
}

const factsFile = (): string => {
  const directory = join(scratch, "cache", "states");
  return join(directory, readdirSync(directory).find((name) => name.endsWith(".facts")) ?? "none");
};

describe.each([null, "secret"])("a list of snapshots (passphrase: %s)", (secret) => {
  test("reads no header that was read before, and shows the same, newest first", async () => {
    await create(secret);
    const ids = [await save("one"), await save("two"), await save("three")];
    const first = await listed();
    expect(first.all.map(({ id }) => id)).toEqual(ids.toReversed());
    const again = await listed();
    expect(again.reads).toBe(0);
    expect(again.all).toEqual(first.all);
    expect(again.all[0]).toMatchObject({ name: "three", tags: ["nightly"], files: 1, sizeBytes: 5 });
    expect(told).toEqual([]);
  });

  test("follows the store: what came is there, what was removed is not", async () => {
    await create(secret);
    const one = await save("one");
    const two = await save("two");
    await listed();
    await removeSnapshots(await open(), { targets: [one] });
    const three = await save("three");
    expect((await listed()).all.map(({ id }) => id)).toEqual([three, two]);
    expect((await newest(await loaded())).id).toBe(three);
  });

  test("tells of a snapshot whose packfiles are gone", async () => {
    await create(secret);
    await save("one");
    await listed();
    for (const { id } of await store.list("packfiles")) await store.delete("packfiles", id);
    expect((await listed()).all).toEqual([]);
    expect(told.join("\n")).toContain("is not in the store");
  });

  test("is the same whatever byte of what is kept is flipped, or cut off", async () => {
    await create(secret);
    await save("one");
    const { all } = await listed();
    const whole = readFileSync(factsFile());
    const random = new SeededRandom(4);
    for (let round = 0; round < 12; round++) {
      const place = new DataView(random.bytes(4).buffer).getUint32(0) % whole.length;
      const damaged = Buffer.from(whole);
      damaged[place] = (damaged[place] as number) ^ 4;
      writeFileSync(factsFile(), round % 3 === 0 ? whole.subarray(0, place) : damaged);
      const after = await listed();
      expect(after.all).toEqual(all);
      expect(after.reads).toBeGreaterThan(0);
    }
    expect(told).toEqual([]);
  });
});

test("a list is shown where nothing can be kept", async () => {
  await create(null);
  const id = await save("one");
  rmSync(join(scratch, "cache"), { recursive: true, force: true });
  writeFileSync(join(scratch, "cache"), "a file in its place");
  expect((await listed()).all.map((each) => each.id)).toEqual([id]);
  expect(told).toEqual([]);
});

test("what is kept of an encrypted store is sealed", async () => {
  await create("secret");
  await save("one");
  await listed();
  for (const name of readdirSync(join(scratch, "cache", "states")))
    expect(readFileSync(join(scratch, "cache", "states", name)).includes("a secret name")).toBe(false);
});

async function loaded(): Promise<Repository> {
  const repository = await open();
  await repository.load();
  return repository;
}
