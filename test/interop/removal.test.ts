import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Plakar } from "./command-line.ts";
import { backup, lacks, maintain, snapshotIds, soundly } from "./commands.ts";
import { type Expected, expectContents, expectWhole } from "./expectations.ts";
import { go, openWarmGo, type WarmPlakar } from "./oracle.ts";
import { twoStores } from "./stores.ts";
import { noise } from "./tree.ts";
import { readTree } from "./tree-state.ts";
import { prepareWorkspace, type Workspace } from "./workspace.ts";

const OTHER_BYTES = 3_000_000;

describe.each(twoStores)("in $title", (kind) => {
  let workspace: Workspace;
  let warmGo: WarmPlakar;
  let kept: Expected;

  beforeAll(async () => {
    workspace = await prepareWorkspace(kind);
    warmGo = await openWarmGo();
    const { id } = await backup(workspace.ours, workspace.store, workspace.root);
    kept = { id, state: readTree(workspace.rootBytes) };
  });
  afterAll(async () => {
    await warmGo.close();
    workspace.remove();
  });

  const expectList = async (...ids: readonly string[]): Promise<void> => {
    for (const plakar of [workspace.ours, go, warmGo]) {
      expect(await snapshotIds(plakar, workspace.store), plakar.name).toEqual(ids);
    }
  };

  test("what we add and remove is seen by Go, whatever it remembers, and its maintenance frees it", async () => {
    await expectToBeCleanedUp(workspace.ours, go, 3);
  });

  test("what Go adds and removes is seen by us, and our maintenance frees it", async ({ skip }) => {
    const reason = await lacks(workspace.ours, "maintenance");
    skip(reason !== undefined, reason);
    await expectToBeCleanedUp(go, workspace.ours, 4);
  });

  test("what we add is removed by Go, and what Go adds is removed by us", async () => {
    const ours = (await backup(workspace.ours, workspace.store, workspace.root)).id;
    const ofGo = (await backup(go, workspace.store, workspace.root)).id;
    await expectList(ofGo, ours, kept.id);
    await soundly(go, workspace.store, "rm", "-apply", ours);
    await expectList(ofGo, kept.id);
    await soundly(workspace.ours, workspace.store, "rm", "-apply", ofGo);
    await expectList(kept.id);
    await maintain(go, workspace.store);
    await expectKept();
  });

  /** One program saves something of its own and removes it; the other cleans up. */
  const expectToBeCleanedUp = async (author: Plakar, cleaner: Plakar, seed: number): Promise<void> => {
    await expectList(kept.id);
    const other = workspace.freshPath();
    mkdirSync(other);
    writeFileSync(join(other, "other.bin"), noise(seed, OTHER_BYTES));
    const { id } = await backup(author, workspace.store, other);
    await expectList(id, kept.id);
    await soundly(author, workspace.store, "rm", "-apply", id);
    await expectList(kept.id);
    rmSync(other, { recursive: true });
    const before = sizeOf(workspace.store);
    await maintain(cleaner, workspace.store);
    expect(before - sizeOf(workspace.store)).toBeGreaterThan(OTHER_BYTES * 0.9);
    await expectKept();
  };

  const expectKept = async (): Promise<void> => {
    await expectList(kept.id);
    for (const plakar of [workspace.ours, go, warmGo]) {
      await expectWhole(plakar, workspace);
      await expectContents(plakar, workspace, kept);
    }
  };
});

/** Bytes of all files of a store. */
function sizeOf(store: string): number {
  const entries = readdirSync(store, { recursive: true, withFileTypes: true });
  return entries.reduce((sum, entry) => {
    return entry.isFile() ? sum + statSync(join(entry.parentPath, entry.name)).size : sum;
  }, 0);
}
