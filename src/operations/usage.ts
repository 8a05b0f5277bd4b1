import type { SummaryCounts } from "../format/index.ts";
import { type ByteString, PlakarError, throwIfAborted, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { itemOf, resolveTarget, type SnapshotView } from "../snapshot/index.ts";
import { childrenOf, walkBelow } from "./walk.ts";

/** What is in a directory and everything below it. */
export interface Usage {
  readonly path: ByteString;
  /** Below the directory that was asked for: 0 is that itself. */
  readonly depth: number;
  readonly sizeBytes: number;
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  /** Devices, FIFOs, sockets. */
  readonly special: number;
  /** Items that could not be read when the snapshot was taken. */
  readonly errors: number;
}

/**
 * Sizes of directories, each after those below it, as du(1) prints them: from the summaries that the snapshot holds of every
 * directory, or in snapshots that have none, counted. Sizes are logical: each name of a file counts.
 */
export async function* usageOf(
  repository: Repository,
  target: string,
  options: { readonly maxDepth?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Usage> {
  await repository.load();
  const { view, path } = await resolveTarget(repository, target);
  const start = path ?? view.root;
  if (itemOf(start, await view.entry(start)).info.kind !== "directory") {
    throw new PlakarError("not-a-directory", `${toDisplay(start)} is no directory`, { kind: "input" });
  }
  yield* below({ repository, view, ...options }, start);
}

interface UsageWork {
  readonly repository: Repository;
  readonly view: SnapshotView;
  readonly maxDepth?: number;
  readonly signal?: AbortSignal;
}

/** By a stack of its own: a path may have thousands of steps. */
async function* below(work: UsageWork, start: ByteString): AsyncGenerator<Usage> {
  const open = [{ path: start, inside: await directoriesIn(work, start, 0) }];
  for (let top = open.at(-1); top; top = open.at(-1)) {
    throwIfAborted(work.signal);
    const next = top.inside.pop();
    if (next !== undefined) open.push({ path: next, inside: await directoriesIn(work, next, open.length) });
    else {
      open.pop();
      yield { path: top.path, depth: open.length, ...(await totalsOf(work, top.path)) };
    }
  }
}

/** Those to be shown alone, the last one first. */
async function directoriesIn(work: UsageWork, directory: ByteString, depth: number): Promise<ByteString[]> {
  if (depth >= (work.maxDepth ?? Number.POSITIVE_INFINITY)) return [];
  const children = await childrenOf(work.repository, work.view, directory);
  return children
    .filter(({ isDirectory }) => isDirectory)
    .map(({ path }) => path)
    .toReversed();
}

type Totals = Omit<Usage, "path" | "depth">;

async function totalsOf(work: UsageWork, directory: ByteString): Promise<Totals> {
  const summary = await work.view.summary(directory);
  if (!summary) return countBelow(work, directory);
  const sum = (field: keyof SummaryCounts): number => (summary.directory[field] ?? 0) + (summary.below[field] ?? 0);
  return {
    sizeBytes: sum("size"),
    files: sum("files"),
    directories: sum("directories"),
    symlinks: sum("symlinks"),
    special: sum("devices") + sum("pipes") + sum("sockets"),
    errors: sum("errors"),
  };
}

async function countBelow(work: UsageWork, directory: ByteString): Promise<Totals> {
  const { repository, view } = work;
  const totals = { sizeBytes: 0, files: 0, directories: 0, symlinks: 0, special: 0, errors: 0 };
  for await (const { info } of walkBelow(repository, view, directory, work)) {
    const { kind, sizeBytes } = info;
    if (kind === "file") {
      totals.files++;
      totals.sizeBytes += sizeBytes;
    } else if (kind === "directory") totals.directories++;
    else if (kind === "symlink") totals.symlinks++;
    else totals.special++;
  }
  const prefix = directory === "/" ? "/" : `${directory}/`;
  for await (const { path } of view.failures()) if (path.startsWith(prefix)) totals.errors++;
  return totals;
}
