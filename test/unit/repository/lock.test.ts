import { beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "../../../src/foundation/index.ts";
import type { Repository } from "../../../src/repository/index.ts";
import type { Store } from "../../../src/store/contract.ts";
import { createMemoryStore, withFaults } from "../../../src/store/index.ts";
import { content, createIn, memoryStore, newSnapshotId, open, write } from "./memory-repository.ts";

const MINUTE_MS = 60_000;

let store: Store;
let clock: FakeClock;
let ours: Repository;
let theirs: Repository;

beforeEach(async () => {
  store = await memoryStore();
  clock = new FakeClock();
  ours = await open(store, { clock });
  theirs = await open(store, { clock });
  await ours.load();
  await theirs.load();
});

const locks = async (): Promise<readonly string[]> => (await store.list("locks")).map(({ id }) => id);

describe("a lock", () => {
  test("of a backup bears its snapshot's id, and is gone after its release", async () => {
    const id = newSnapshotId();
    const lock = await ours.lockForBackup(id);
    expect(await locks()).toEqual([id]);
    await lock.release();
    await lock.release();
    expect(await locks()).toEqual([]);
  });

  test("of one backup lets others in, and keeps maintenance away with who and how long", async () => {
    const first = await ours.lockForBackup(newSnapshotId());
    const second = await theirs.lockForBackup(newSnapshotId());
    clock.advanceMs(90_000);
    await expect(theirs.lockExclusively()).rejects.toMatchObject({
      code: "store-locked",
      kind: "conflict",
      message: expect.stringMatching(/a backup on test-host .* 90 s old/),
    });
    await first.release();
    await second.release();
    const exclusive = await theirs.lockExclusively();
    await exclusive.release();
    expect(await locks()).toEqual([]);
  });

  test("that is exclusive keeps backups and maintenance away, which leave none of their own", async () => {
    const exclusive = await ours.lockExclusively();
    await expect(theirs.lockForBackup(newSnapshotId())).rejects.toMatchObject({ code: "store-locked" });
    await expect(theirs.lockExclusively()).rejects.toMatchObject({ code: "store-locked" });
    expect(await locks()).toEqual([exclusive.id]);
    await exclusive.release();
  });

  test("counts until it is ten minutes old, and is then removed by the next comer", async () => {
    const abandoned = await ours.lockExclusively();
    clock.advanceMs(10 * MINUTE_MS - 1);
    await expect(theirs.lockForBackup(newSnapshotId())).rejects.toMatchObject({ code: "store-locked" });
    clock.advanceMs(1);
    const lock = await theirs.lockForBackup(newSnapshotId());
    expect(await locks()).toEqual([lock.id]);
    await lock.release();
    await abandoned.release();
  });

  test("of a backup whose snapshot is there was left behind, and counts no more", async () => {
    const { id } = await write(ours, [content(1, 100)]);
    await ours.lockForBackup(id);
    const maintainer = await open(store, { clock });
    await maintainer.load();
    const exclusive = await maintainer.lockExclusively();
    expect(await locks()).toEqual([exclusive.id]);
    await exclusive.release();
  });

  test("that cannot be read keeps everybody away, and is named", async () => {
    const id = newSnapshotId();
    await store.put("locks", id, content(1, 200));
    await expect(ours.lockForBackup(newSnapshotId())).rejects.toMatchObject({
      code: "lock-damaged",
      kind: "conflict",
      advice: expect.stringContaining(id),
    });
    expect(await locks()).toEqual([id]);
  });
});

describe("a store on which locks cannot be deleted", () => {
  test("takes backups all the same, each with one warning", async () => {
    const denied = new Error("deletion is not allowed here");
    const faulty = withFaults(store, ({ name }) => (name === "delete" ? { fault: "error", error: denied } : undefined));
    const warnings: string[] = [];
    const repository = await open(faulty, { clock, warnings });
    await repository.load();
    for (let backups = 1; backups <= 2; backups++) {
      const lock = await repository.lockForBackup(newSnapshotId());
      clock.advanceMs(10 * MINUTE_MS); // the one before is stale, and cannot be removed either
      await lock.release();
      expect(warnings).toHaveLength(backups);
    }
    expect(warnings[0]).toContain("deletion is not allowed here");
    expect(await locks()).toHaveLength(2);
  });

  test("and that says so beforehand is not asked to", async () => {
    const appendOnly = createMemoryStore({ deletable: false });
    await createIn(appendOnly, null);
    const warnings: string[] = [];
    const repository = await open(appendOnly, { clock, warnings });
    await repository.load();
    await (await repository.lockForBackup(newSnapshotId())).release();
    await (await repository.lockForBackup(newSnapshotId())).release();
    expect(warnings).toEqual([expect.stringContaining("cannot delete")]);
  });
});
