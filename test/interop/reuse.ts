import { expect } from "vitest";
import { linesOf } from "./command-line.ts";
import { filesOf, type TakenSnapshot } from "./commands.ts";
import type { TreeState } from "./tree-state.ts";
import type { Workspace } from "./workspace.ts";

const MEBIBYTE = 1_048_576;
const units: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: MEBIBYTE, GiB: 1024 * MEBIBYTE };

/** Go's backup of an unchanged tree moves little: padding and its own trees, but no contents. */
export function expectSmallTraffic({ line }: TakenSnapshot): void {
  const [, read, written] = /\(in: (.+), out: (.+)\)$/.exec(line) ?? [];
  expect(bytesOf(read), line).toBeLessThan(2 * MEBIBYTE);
  expect(bytesOf(written), line).toBeLessThan(2 * MEBIBYTE);
}

function bytesOf(size = ""): number {
  const [number = "", unit = ""] = size.split(" ");
  return Number(number) * (units[unit] ?? Number.NaN);
}

/** Saves the tree with our program, which must take every file over from the parent and read none. */
export async function backupOfNothingNew(workspace: Workspace, state: TreeState): Promise<string> {
  const { ours, store, root } = workspace;
  const { stdout } = await ours.run(["at", store, "backup", "-json", root]);
  const summary = linesOf(stdout)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .find((event) => event["type"] === "summary");
  expect(summary).toMatchObject({ filesNew: 0, filesChanged: 0, bytesRead: 0 });
  expect(summary?.["filesUnchanged"]).toBe(filesOf(state).length);
  return String(summary?.["snapshot"]).slice(0, 8);
}
