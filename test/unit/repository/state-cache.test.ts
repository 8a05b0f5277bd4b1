import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Repository } from "../../../src/repository/index.ts";
import type { Store } from "../../../src/store/contract.ts";
import { openFsStore, withFaults } from "../../../src/store/index.ts";
import { content, createIn, open, type Written, write } from "./memory-repository.ts";

let scratch = "";
let store: Store;
let first: Written;

const cacheDirectory = (): string => join(scratch, "cache");
const cacheFiles = (): string[] =>
  readdirSync(join(cacheDirectory(), "states")).map((name) => join(cacheDirectory(), "states", name));

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), "plakar-cache-"));
  store = openFsStore(join(scratch, "store"));
  await createIn(store, null);
  first = await write(await opened(), [content(1, 5_000), content(2, 70_000)]);
});
afterEach(() => rmSync(scratch, { recursive: true }));

async function opened(at: Store = store): Promise<Repository> {
  const repository = await open(at, { cacheDirectory: cacheDirectory() });
  await repository.load();
  return repository;
}

/** Opens through a store that counts how many states are read. */
async function openedCounting(at: Store = store): Promise<{ repository: Repository; statesRead: number }> {
  const counted = { statesRead: 0 };
  const counting = withFaults(at, ({ name, kind }) => {
    if (name === "get" && kind === "states") counted.statesRead++;
    return undefined;
  });
  return { repository: await opened(counting), statesRead: counted.statesRead };
}

async function expectAll(repository: Repository, ...written: readonly Written[]): Promise<void> {
  expect(repository.state.snapshots().toSorted()).toEqual(written.map(({ id }) => id).toSorted());
  for (const { blobs } of written)
    for (const { mac, plain } of blobs) expect(await repository.reader.read(9, mac, "a blob")).toEqual(plain);
}

describe("the state cache", () => {
  test("spares reading states again, and answers the same", async () => {
    expect((await openedCounting()).statesRead).toBe(1);
    const again = await openedCounting();
    expect(again.statesRead).toBe(0);
    await expectAll(again.repository, first);
  });

  test("learns what others add, reading only that", async () => {
    await opened();
    const second = await write(await open(store), [content(3, 9_000)]);
    const { repository, statesRead } = await openedCounting();
    expect(statesRead).toBe(1);
    await expectAll(repository, first, second);
  });

  test("is not believed over a store that has lost a state", async () => {
    const second = await write(await opened(), [content(3, 9_000)]);
    await opened();
    await store.delete("states", second.id);
    const { repository, statesRead } = await openedCounting();
    expect(statesRead).toBe(1);
    await expectAll(repository, first);
  });

  test("is not shared by a copy of the store, which goes its own way", async () => {
    await opened();
    cpSync(join(scratch, "store"), join(scratch, "copy"), { recursive: true });
    const copy = openFsStore(join(scratch, "copy"));
    const inCopy = await openedCounting(copy);
    expect(inCopy.statesRead).toBe(1);
    const second = await write(inCopy.repository, [content(4, 4_000)]);
    await expectAll(await opened(copy), first, second);
    await expectAll(await opened(), first);
  });

  test("vanishes without a word when it is damaged anywhere, cut, empty or replaced", async () => {
    await opened();
    const [path = ""] = cacheFiles();
    const whole = readFileSync(path);
    const damages: (() => void)[] = [
      ...[0, 9, 14, whole.length >> 1, whole.length - 1].map((at) => () => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      }),
      ...[0, 1, 50, whole.length - 1].map((length) => () => truncateSync(path, length)),
      () => writeFileSync(path, content(5, 3_000)),
      () => rmSync(path),
    ];
    for (const damage of damages) {
      damage();
      const { repository, statesRead } = await openedCounting();
      expect(statesRead).toBe(1);
      await expectAll(repository, first);
      expect(readFileSync(path).length).toBe(whole.length);
    }
  });

  test("that cannot be written is done without", async () => {
    rmSync(cacheDirectory(), { recursive: true, force: true });
    writeFileSync(cacheDirectory(), "a file in its place");
    await expectAll(await opened(), first);
  });
});
