import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backup, snapshotIds } from "./commands.ts";
import {
  type Expected,
  expectContents,
  expectListing,
  expectNothingToFree,
  expectReadable,
  expectRestored,
  expectWhole,
  restoredByGo,
} from "./expectations.ts";
import { go } from "./oracle.ts";
import { backupOfNothingNew, expectSmallTraffic } from "./reuse.ts";
import { everyStore } from "./stores.ts";
import { readTree, type TreeState } from "./tree-state.ts";
import { prepareWorkspace, type Workspace } from "./workspace.ts";

describe.each(everyStore)("our snapshot in $title", (kind) => {
  let workspace: Workspace;
  let state: TreeState;
  const ids: string[] = [];
  const newest = (): Expected => ({ id: ids[0] ?? "none", state });

  beforeAll(async () => {
    workspace = await prepareWorkspace(kind);
    ids.unshift((await backup(workspace.ours, workspace.store, workspace.root)).id);
    state = readTree(workspace.rootBytes);
  });
  afterAll(() => workspace.remove());

  test("is listed by Go with every item, mode and time", async () => {
    expect(await snapshotIds(go, workspace.store)).toEqual(ids);
    await expectListing(go, workspace, newest());
  });

  test("is whole for Go's check", async () => {
    await expectWhole(go, workspace);
  });

  test("is read by Go byte for byte", async () => {
    await expectContents(go, workspace, newest());
  });

  test("is restored by Go, but for what it never restores", async () => {
    await expectRestored(go, workspace, newest(), restoredByGo);
  });

  test("leaves Go's maintenance nothing to free", async () => {
    await expectNothingToFree(go, workspace);
  });

  test("is the parent of Go's next one, which moves little and is whole for Go", async () => {
    const taken = await backup(go, workspace.store, workspace.root);
    ids.unshift(taken.id);
    expectSmallTraffic(taken);
    await expectReadable(go, workspace, newest());
  });

  test("and Go's next one survive Go's maintenance, which knows every packfile", async () => {
    await expectNothingToFree(go, workspace);
    await expectWhole(go, workspace);
  });

  test("and Go's next one are whole for our check, and ours restores all of Go's", async () => {
    await expectWhole(workspace.ours, workspace);
    await expectRestored(workspace.ours, workspace, newest());
  });

  test("carries a third one of ours on top of Go's, which reads nothing and is whole for Go", async () => {
    ids.unshift(await backupOfNothingNew(workspace, state));
    await expectReadable(go, workspace, newest());
    await expectNothingToFree(go, workspace);
    await expectWhole(go, workspace);
  });

  test("is listed with its two successors by both programs, the newest of which we restore completely", async () => {
    expect(ids).toHaveLength(3);
    expect(await snapshotIds(go, workspace.store)).toEqual(ids);
    expect(await snapshotIds(workspace.ours, workspace.store)).toEqual(ids);
    await expectWhole(workspace.ours, workspace);
    await expectRestored(workspace.ours, workspace, newest());
  });
});
