import { type ByteString, fromLatin1, fromText, joinPath, toBytes } from "../../src/foundation/index.ts";
import { type Argument, describeOutcome, linesOf, type Outcome, type Plakar } from "./command-line.ts";
import type { TreeState } from "./tree-state.ts";

/**
 * All that the Go implementation may say when nothing is wrong. Its exit code is 0 in many a failure, so that each
 * line is looked at.
 */
const harmless: readonly RegExp[] = [
  /^[0-9a-f]{8}: OK ✓ /,
  /^[0-9a-f]{8}: (backup|check) completed without errors in /,
  /^info: rm: removal of [0-9a-f]{8} completed successfully$/,
  /^info: rm: no snapshots matched the selection$/,
  /^maintenance: Coloured \d+ packfiles \(\d+ orphaned\) for deletion$/,
  /^Coloured packfiles are scheduled to be removed in \S+$/,
  /^maintenance: \d+ blobs and \d+ packfiles were removed$/,
  // with a new HOME it does not know that it removed a packfile before, and wants to remove it again
  /^maintenance: Sweep pass failed to delete packfile [0-9a-f]{64}, skipping it$/,
];

/** The lines in which the Go implementation says that something is wrong. */
function complaints({ stdout, stderr }: Outcome): readonly string[] {
  // it prints a line feed in a name as it is
  const joined = Buffer.concat([stdout, stderr]).toString("latin1").replaceAll("new\nline", "new?line");
  return linesOf(Buffer.from(joined, "latin1")).filter((line) => !harmless.some((pattern) => pattern.test(line)));
}

/** Runs one command on a store; the Go implementation must not complain. */
export async function soundly(plakar: Plakar, store: string, ...argumentList: readonly Argument[]): Promise<Outcome> {
  const outcome = await plakar.run(["at", store, ...argumentList]);
  const found = plakar.name === "ours" ? [] : complaints(outcome);
  if (found.length > 0) throw new Error(`complaints:\n${found.slice(0, 20).join("\n")}\n${describeOutcome(outcome)}`);
  return outcome;
}

export interface TakenSnapshot {
  /** The short id. */
  readonly id: string;
  /** The last line of the output. */
  readonly line: string;
}

/** Saves a tree; the snapshot must be whole. */
export async function backup(plakar: Plakar, store: string, ...argumentList: string[]): Promise<TakenSnapshot> {
  const outcome = await soundly(plakar, store, "backup", ...argumentList);
  const line = linesOf(outcome.stdout).at(-1) ?? "";
  const id = /^[0-9a-f]{8}/.exec(line)?.[0];
  if (id === undefined) throw new Error(`the last line names no snapshot: ${describeOutcome(outcome)}`);
  return { id, line };
}

/** Why a test cannot run that needs a command of ours which is not there yet; undefined when it is there. */
export async function lacks(plakar: Plakar, command: string): Promise<string | undefined> {
  const { stdout } = await plakar.run(["help"]);
  const offered = linesOf(stdout).some((line) => line.trim().split(/\s+/)[0] === command);
  return offered ? undefined : `our program has no "${command}" yet`;
}

/** The short ids of a store's snapshots, newest first. */
export async function snapshotIds(plakar: Plakar, store: string): Promise<readonly string[]> {
  const { stdout } = await plakar.run(["at", store, "ls"]);
  return linesOf(stdout).map((line) => line.split(/\s+/)[1] ?? line);
}

/** What `ls -recursive` says of an item. */
interface ListedItem {
  readonly time: string;
  readonly mode: string;
}

/** By absolute path, as printed. */
export type Listing = ReadonlyMap<string, ListedItem>;

/** Everything below a snapshot's root, or below a path in it (`ID:/`). */
export async function list(plakar: Plakar, store: string, target: string): Promise<Listing> {
  const { stdout } = await plakar.run(["at", store, "ls", "-recursive", target]);
  return new Map(linesOf(stdout).map(parseListed));
}

function parseListed(line: string): readonly [string, ListedItem] {
  const [, time, mode, path] = /^(\S+) +(\S+) +[^/]*? (\/.*?)(?: -> .*)?$/.exec(line) ?? [];
  if (time === undefined || mode === undefined || path === undefined) throw new Error(`not a listed item: ${line}`);
  return [path, { time, mode }];
}

/** The contents of a snapshot's regular files, all in one command. */
export async function readFiles(
  plakar: Plakar,
  snapshot: { readonly store: string; readonly id: string; readonly root: ByteString },
  paths: readonly ByteString[],
): Promise<Buffer> {
  const targets = paths.map((path) => toBytes(fromLatin1(`${fromText(snapshot.id)}:${joinPath(snapshot.root, path)}`)));
  return (await plakar.run(["at", snapshot.store, "cat", ...targets])).stdout;
}

/** The paths of a tree's regular files. */
export function filesOf(state: TreeState): readonly ByteString[] {
  return [...state].filter(([, item]) => item.kind === "file").map(([path]) => path);
}

/** Two maintenances without a time of grace: what no snapshot needs is marked and then removed. */
export async function maintain(plakar: Plakar, store: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let round = 0; round < 2; round++) {
    const outcome = await plakar.run(["at", store, "maintenance"], { environment: { PLAKAR_GRACEPERIOD: "0s" } });
    const found = plakar.name === "ours" ? [] : complaints(outcome);
    if (found.length > 0) throw new Error(`complaints:\n${found.join("\n")}\n${describeOutcome(outcome)}`);
    lines.push(...linesOf(outcome.stdout));
  }
  return lines;
}
