import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backup, lacks, soundly } from "./commands.ts";
import { go } from "./oracle.ts";
import { twoStores } from "./stores.ts";
import { prepareWorkspace, type Workspace } from "./workspace.ts";

const withLocks = { environment: { PLAKAR_LOCKLESS: "0" } } as const;
const BUSY = 75;
const INTERRUPTED = 130;
const LARGE_BYTES = 64 * 2 ** 30;

describe.each(twoStores)("in $title", (kind) => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await prepareWorkspace(kind);
    await backup(workspace.ours, workspace.store, workspace.root);
  });
  afterAll(() => workspace.remove());

  test("our commands leave no lock that would keep Go's maintenance away", async () => {
    await backup(workspace.ours, workspace.store, workspace.root);
    await workspace.ours.run(["at", workspace.store, "check"]);
    expect(locksOf(workspace.store)).toEqual([]);
    await go.run(["at", workspace.store, "maintenance"], withLocks);
  });

  test("Go's maintenance keeps away while we save something", async () => {
    removeLocks(workspace.store);
    // A file of zeros that takes longer than the test waits; the process is halted as soon as it holds its lock.
    const large = workspace.freshPath();
    writeFileSync(large, "");
    truncateSync(large, LARGE_BYTES);
    let child: ChildProcess | undefined;
    const saving = workspace.ours.run(["at", workspace.store, "backup", large], {
      status: INTERRUPTED,
      onStart: (started) => {
        child = started;
      },
    });
    await lockOf(workspace.store, saving);
    child?.kill("SIGSTOP");
    try {
      const { stdout } = await go.run(["at", workspace.store, "maintenance"], { ...withLocks, status: 1 });
      expect(stdout.toString()).toContain("already locked");
    } finally {
      child?.kill("SIGCONT");
      child?.kill("SIGINT");
    }
    await saving;
    expect(locksOf(workspace.store)).toEqual([]);
  });

  test("our maintenance keeps away while Go saves something", async ({ skip }) => {
    const reason = await lacks(workspace.ours, "maintenance");
    skip(reason !== undefined, reason);
    removeLocks(workspace.store);
    const stdin = new PassThrough();
    stdin.write("the beginning");
    const saving = go.run(["at", workspace.store, "backup", "stdin:stream"], { ...withLocks, stdin });
    await lockOf(workspace.store, saving);
    try {
      const { stderr } = await workspace.ours.run(["at", workspace.store, "maintenance"], { status: BUSY });
      expect(stderr.toString()).not.toBe("");
    } finally {
      stdin.end(" and the end");
    }
    await saving;
    await soundly(go, workspace.store, "check");
  });
});

/** Waits for a lock; a run that ends before it takes one has failed. */
async function lockOf(store: string, run: Promise<unknown>): Promise<void> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  run.then(end, end);
  while (locksOf(store).length === 0) {
    if (ended) {
      await run;
      throw new Error("the run ended without a lock");
    }
    await pause(20);
  }
}

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
