import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Plakar } from "./command-line.ts";
import { backup, maintain, soundly } from "./commands.ts";
import { go } from "./oracle.ts";
import { twoStores } from "./stores.ts";
import { prepareWorkspace, type Workspace } from "./workspace.ts";

const withLocks = { environment: { PLAKAR_LOCKLESS: "0" } } as const;
const BUSY = 75;

describe.each(twoStores)("in $title", (kind) => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await prepareWorkspace(kind);
    await backup(workspace.ours, workspace.store, workspace.root);
  });
  afterAll(() => workspace.remove());

  test("our commands leave no lock that would keep Go's maintenance away", async () => {
    await maintain(workspace.ours, workspace.store);
    expect(locksOf(workspace.store)).toEqual([]);
    await go.run(["at", workspace.store, "maintenance"], withLocks);
  });

  test("Go's maintenance keeps away while we save something", async () => {
    await whileSaving(workspace.ours, async () => {
      const { stdout } = await go.run(["at", workspace.store, "maintenance"], { ...withLocks, status: 1 });
      expect(stdout.toString()).toContain("already locked");
    });
  });

  test("our maintenance keeps away while Go saves something", async () => {
    await whileSaving(go, async () => {
      const { stderr } = await workspace.ours.run(["at", workspace.store, "maintenance"], { status: BUSY });
      expect(stderr.toString()).not.toBe("");
    });
    await soundly(go, workspace.store, "check");
  });

  /** Does something while a backup waits for the rest of its input. */
  const whileSaving = async (plakar: Plakar, action: () => Promise<void>): Promise<void> => {
    removeLocks(workspace.store);
    const stdin = new PassThrough();
    stdin.write("the beginning");
    const run = { ended: false };
    const saving = plakar.run(["at", workspace.store, "backup", "stdin:stream"], { ...withLocks, stdin });
    const afterwards = saving
      .catch(() => undefined)
      .finally(() => {
        run.ended = true;
      });
    while (!run.ended && locksOf(workspace.store).length === 0) await pause(20);
    try {
      if (!run.ended) await action();
    } finally {
      stdin.end(" and the end");
      await afterwards;
    }
    await saving;
  };
});

function locksOf(store: string): readonly string[] {
  const directory = join(store, "locks");
  if (!existsSync(directory)) return [];
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Go's commands end without waiting for the removal of their locks, so that some stay. */
function removeLocks(store: string): void {
  for (const lock of locksOf(store)) rmSync(lock);
}
