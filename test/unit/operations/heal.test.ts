import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SnapshotId } from "../../../src/format/index.ts";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { writeTombstone } from "../../../src/repository/index.ts";
import type { InProcess } from "../../support/in-process.ts";
import { describeTree } from "../../support/tree.ts";
import { undisturbed } from "../../support/undisturbed.ts";
import { temporaryDirectories } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();

let plakar: InProcess;
let tree = "";
let oldest = "";
let first = "";

/** Every snapshot of a test must be able to lend the others what they lost: also of the directories above. */
function healing(scenario: () => Promise<void>): Promise<void> {
  return undisturbed(async (watch) => {
    ({ plakar, tree } = await makeSmallTree(temporary(), { a: "content of a", "sub/b": "content of b" }));
    writeFileSync(join(tree, "large"), new SeededRandom(5).bytes(900_000));
    watch(tree);
    // the contents of both lie in the packfile of the oldest
    oldest = (await plakar.backup(tree)).snapshot ?? "";
    first = (await plakar.backup(tree)).snapshot ?? "";
    await scenario();
  });
}

/** Every packfile but that of the header of `first`. */
async function otherPackfiles(): Promise<string[]> {
  const { state } = await plakar.loaded();
  const own = (state.headers.get(first) ?? []).map((pack) => state.packIds[pack]);
  return (await plakar.store.list("packfiles")).map(({ id }) => id).filter((id) => !own.includes(id as never));
}

const losses: readonly [string, (id: string) => Promise<void>][] = [
  ["removed", (id) => plakar.store.delete("packfiles", id)],
  ["emptied", (id) => plakar.store.put("packfiles", id, new Uint8Array())],
  ["cut in half", async (id) => cut(id, (length) => length >> 1)],
  ["cut within the padding behind its blobs", async (id) => cut(id, (length) => length - 60_000)],
];

async function cut(id: string, to: (length: number) => number): Promise<void> {
  const bytes = await plakar.store.get("packfiles", id);
  await plakar.store.put("packfiles", id, bytes.slice(0, to(bytes.length)));
}

async function expectWhole(snapshot: string): Promise<void> {
  expect(await plakar.check(snapshot)).toMatchObject({ damaged: false, snapshots: [{ problems: [] }] });
  const back = join(temporary(), "back");
  expect(await plakar.restore(snapshot, back)).toMatchObject({ failures: [] });
  expect(describeTree(back)).toStrictEqual(describeTree(tree));
}

describe("the next backup after a packfile was lost", () => {
  test.each(losses)("(%s) stores it again, and makes older snapshots whole with it", (_, lose) =>
    healing(async () => {
      for (const id of await otherPackfiles()) await lose(id);
      expect(await plakar.check()).toMatchObject({ damaged: true });
      const again = await plakar.backup(tree);
      expect(again.bytesAdded).toBeGreaterThan(900_000);
      await expectWhole(again.snapshot ?? "");
      await expectWhole(first);
    }),
  );

  test("stores it again with -skip-unchanged, too", () =>
    healing(async () => {
      for (const id of await otherPackfiles()) await plakar.store.delete("packfiles", id);
      const again = await plakar.backup(tree, { skipUnchanged: true });
      expect(again.snapshot).not.toBeNull();
      await expectWhole(first);
      expect(await plakar.backup(tree, { skipUnchanged: true })).toMatchObject({ snapshot: null });
    }));
});

describe("flipped bytes in a packfile of full length", () => {
  async function flip(): Promise<string> {
    const { state } = await plakar.loaded();
    const extents = [...state.packIds.keys()].toSorted((a, b) => state.packs.extentOf(b) - state.packs.extentOf(a));
    const id = state.packIds[extents[0] ?? 0] as string;
    const bytes = await plakar.store.get("packfiles", id);
    bytes[5000] = (bytes[5000] as number) ^ 4;
    await plakar.store.put("packfiles", id, bytes);
    return id;
  }

  test("are not seen by a backup, but it can be told to distrust the packfile", () =>
    healing(async () => {
      const id = await flip();
      expect(await plakar.check()).toMatchObject({ damaged: true });
      const blind = await plakar.backup(tree);
      expect(await plakar.check(blind.snapshot ?? "")).toMatchObject({ damaged: true });
      const again = await plakar.backup(tree, { distrust: [id.slice(0, 8)] });
      for (const snapshot of [first, blind.snapshot ?? "", again.snapshot ?? ""]) await expectWhole(snapshot);
    }));

  test("stay damage of the store until the packfile is moved away, which check says can be done", () =>
    healing(async () => {
      const id = await flip();
      await plakar.backup(tree, { distrust: [id] });
      const healed = await plakar.check();
      expect(healed.snapshots.flatMap(({ problems }) => problems)).toStrictEqual([]);
      // the header of the oldest snapshot is sound, and nowhere else
      expect(healed.storeProblems).toMatchObject([{ packfile: id, message: expect.stringContaining("is sound") }]);
      await writeTombstone(await plakar.loaded(), oldest as SnapshotId);
      const { storeProblems } = await plakar.check();
      expect(storeProblems).toMatchObject([{ packfile: id, message: expect.stringContaining("can be moved away") }]);
      await plakar.store.delete("packfiles", id);
      expect(await plakar.check()).toMatchObject({
        ...{ damaged: false, storeProblems: [] },
        notes: [expect.stringContaining("is not in the store; snapshots need nothing of it any more")],
      });
    }));

  test("a packfile that is not known, or not by so few digits, is not distrusted but refused", () =>
    healing(async () => {
      await expect(plakar.backup(tree, { distrust: ["zz"] })).rejects.toMatchObject({ code: "packfile-not-found" });
      await expect(plakar.backup(tree, { distrust: [""] })).rejects.toMatchObject({ code: "packfile-not-found" });
      const locks = await plakar.store.list("locks");
      expect(locks).toStrictEqual([]);
    }));
});
