import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyInWorkers, verifyPackfile } from "../../../src/operations/verify-packfile.ts";
import { WorkerPool } from "../../../src/pipeline/index.ts";
import type { Repository } from "../../../src/repository/index.ts";
import { withFaults } from "../../../src/store/index.ts";
import { content, memoryStore, open, write } from "../repository/memory-repository.ts";

/** Of a packfile of about 700 kB: read whole, and in parts that are larger and smaller than its blobs. */
const portions = [
  { wholeUpToBytes: 1 << 30, partBytes: 1 },
  { wholeUpToBytes: 0, partBytes: 1000 },
  { wholeUpToBytes: 0, partBytes: 70_001 },
  { wholeUpToBytes: 0, partBytes: 1 << 30 },
];
const sizes = [1, 90_000, 100, 250_000, 60_000, 3_000, 200_000];

let repository: Repository;
let pool: WorkerPool;
let id = "";
let bytes: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  const store = await memoryStore("a passphrase for tests");
  const written = await open(store, { passphrase: "a passphrase for tests" });
  await write(
    written,
    sizes.map((size, seed) => content(seed, size)),
  );
  [id = ""] = (await store.list("packfiles")).map((each) => each.id);
  bytes = await store.get("packfiles", id);
  repository = await open(
    withFaults(store, () => undefined),
    { passphrase: "a passphrase for tests" },
  );
  await repository.load();
  const { state, parts } = repository;
  pool = new WorkerPool({
    workers: 1,
    setup: () => ({ sealing: parts.sealing, index: state.blobs.share(new SharedArrayBuffer(1)) }),
  });
});
afterAll(() => pool.close());

async function put(changed: Uint8Array<ArrayBuffer>): Promise<void> {
  await repository.store.delete("packfiles", id);
  await repository.store.put("packfiles", id, changed);
}

function ascending(a: number, b: number): number {
  return a - b;
}

describe.each(portions)("a packfile read in parts of $partBytes bytes above $wholeUpToBytes", (portion) => {
  const records = (): Uint32Array => repository.state.blobs.recordsByPack(1)[0] as Uint32Array;
  const verify = async (sizeBytes = bytes.length): Promise<{ fileProblem: string; damaged: number[] }> => {
    const verdict = await verifyPackfile(
      repository,
      verifyInWorkers(pool),
      { id, records: records(), sizeBytes },
      { portions: portion },
    );
    return {
      fileProblem: verdict.fileProblem,
      damaged: verdict.damaged.map(({ record }) => record).toSorted(ascending),
    };
  };

  test("is sound as it was written", async () => {
    await put(bytes);
    expect(await verify()).toStrictEqual({ fileProblem: "", damaged: [] });
  });

  test("I-03 tells exactly the blob that a changed byte lies in", async () => {
    for (const record of records()) {
      const { offset, length } = repository.state.blobs.location(record);
      const changed = bytes.slice();
      changed[16 + offset + length - 1] = (changed[16 + offset + length - 1] as number) ^ 1;
      await put(changed);
      expect(await verify()).toStrictEqual({ fileProblem: expect.stringMatching(/./), damaged: [record] });
    }
  });

  test("I-03 tells a changed byte outside of every blob", async () => {
    const changed = bytes.slice();
    const end = changed.length - 33;
    changed[end] = (changed[end] as number) ^ 1;
    await put(changed);
    expect(await verify()).toStrictEqual({ fileProblem: expect.stringMatching(/./), damaged: [] });
  });

  test("I-03 tells which blobs lie beyond its end", async () => {
    const sorted = [...records()].toSorted(
      (a, b) => repository.state.blobs.location(a).offset - repository.state.blobs.location(b).offset,
    );
    const cutAt = 16 + repository.state.blobs.location(sorted[4] as number).offset + 10;
    await put(bytes.slice(0, cutAt));
    const verdict = await verify(cutAt);
    expect(verdict.fileProblem).not.toBe("");
    expect(verdict.damaged).toStrictEqual(sorted.slice(4).toSorted(ascending));
  });
});
