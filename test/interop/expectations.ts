import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type ByteString, fromText, toText } from "../../src/foundation/index.ts";
import type { Plakar } from "./command-line.ts";
import { filesOf, list, maintain, readFiles, soundly } from "./commands.ts";
import { differences, type ItemState, readTree, type Tolerance, type TreeState } from "./tree-state.ts";
import type { Workspace } from "./workspace.ts";

/** A snapshot and what was on disk when it was taken. */
export interface Expected {
  readonly id: string;
  readonly state: TreeState;
}

/** The program lists every item below the root, and nothing else; names in ASCII are compared. */
export async function expectListing(plakar: Plakar, workspace: Workspace, { id, state }: Expected): Promise<void> {
  const listing = await list(plakar, workspace.store, id);
  expect(listing.size).toBe(state.size - 1);
  for (const [path, item] of state) {
    const text = toText(path);
    if (text === undefined || !/^[ -~]+$/.test(text)) continue;
    const listed = listing.get(`${workspace.root}/${text}`);
    expect(listed, text).toBeDefined();
    if (plakar.name === "ours") continue;
    expect({ path: text, ...listed }).toEqual({ path: text, time: timeText(item), mode: goModeText(item) });
  }
}

function timeText({ modifiedNs }: ItemState): string {
  const milliseconds = Number(modifiedNs / 1_000_000n) - (modifiedNs % 1_000_000n < 0n ? 1 : 0);
  return `${new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** As the Go implementation writes a mode: a letter for each kind and special bit, or "-", then nine for permissions. */
function goModeText({ kind, permissions }: ItemState): string {
  const kinds: Record<ItemState["kind"], string> = { file: "", directory: "d", symlink: "L", fifo: "p", other: "?" };
  const special = [permissions & 0o4000 ? "u" : "", permissions & 0o2000 ? "g" : "", permissions & 0o1000 ? "t" : ""];
  const bits = ["r", "w", "x", "r", "w", "x", "r", "w", "x"].map((letter, index) =>
    permissions & (0o400 >> index) ? letter : "-",
  );
  return `${[kinds[kind], ...special].join("") || "-"}${bits.join("")}`;
}

/** Whether Node's `process.argv` can carry a path. */
export const isText = (path: ByteString): boolean => toText(path) !== undefined;

/**
 * The program reads back every regular file, byte for byte. Names in bytes are a matter of their own in our command
 * line: what is tested with all others are those in text.
 */
export async function expectContents(
  plakar: Plakar,
  workspace: Workspace,
  { id, state }: Expected,
  wanted: (path: ByteString) => boolean = plakar.name === "ours" ? isText : () => true,
): Promise<void> {
  const paths = filesOf(state).filter(wanted);
  const all = await readFiles(plakar, { store: workspace.store, id, root: workspace.rootBytes }, paths);
  const wrong: ByteString[] = [];
  let position = 0;
  for (const path of paths) {
    const { sizeBytes, contentSha256 } = state.get(path) ?? {};
    const content = all.subarray(position, (position += sizeBytes ?? 0));
    if (createHash("sha256").update(content).digest("hex") !== contentSha256) wrong.push(path);
  }
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(all.length).toBe(position);
}

/** Every snapshot of the store is whole, in the program's eyes. */
export async function expectWhole(plakar: Plakar, workspace: Workspace): Promise<void> {
  await soundly(plakar, workspace.store, "check");
}

/** A snapshot is whole: it can be checked, listed and read. */
export async function expectReadable(plakar: Plakar, workspace: Workspace, expected: Expected): Promise<void> {
  await soundly(plakar, workspace.store, "check", expected.id);
  await expectListing(plakar, workspace, expected);
  await expectContents(plakar, workspace, expected);
}

/** The Go implementation's maintenance knows every packfile and finds each in use. */
export async function expectNothingToFree(go: Plakar, workspace: Workspace): Promise<void> {
  const round = [
    "maintenance: Coloured 0 packfiles (0 orphaned) for deletion",
    "maintenance: 0 blobs and 0 packfiles were removed",
  ];
  expect(await maintain(go, workspace.store)).toEqual([...round, ...round]);
}

/** The program gives a tree back, but for what it is known not to. */
export async function expectRestored(
  plakar: Plakar,
  workspace: Workspace,
  { id, state }: Expected,
  tolerance: Tolerance = {},
): Promise<void> {
  const target = workspace.freshPath();
  await plakar.run(["at", workspace.store, "restore", "-to", target, id]);
  expect(differences(state, readTree(fromText(target)), tolerance).slice(0, 10)).toEqual([]);
}

/** What the Go implementation does not give back, with exit code 0: hard links but the first, FIFOs, attributes, owners of files. */
export const restoredByGo: Tolerance = {
  timeStepNs: 1_000n,
  mayBeMissing: (_, item) => item.kind === "fifo" || item.linkedTo !== null,
  ignored: (_, item) => (item.kind === "file" ? ["attributes", "linkedTo", "owner"] : ["attributes"]),
};
