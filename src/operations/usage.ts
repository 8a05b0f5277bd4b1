import type { SummaryCounts, VfsSummary } from "../format/index.ts";
import { type ByteString, PlakarError, parentPath, throwIfAborted, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { itemOf, resolveTarget, type SnapshotView } from "../snapshot/index.ts";
import { childrenOf, type WalkedItem } from "./walk.ts";

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
  options: UsageOptions = {},
): AsyncGenerator<Usage> {
  await repository.load();
  const { view, path } = await resolveTarget(repository, target);
  const start = path ?? view.root;
  if (itemOf(start, await view.entry(start)).info.kind !== "directory") {
    throw new PlakarError("not-a-directory", `${toDisplay(start)} is no directory`, { kind: "input" });
  }
  yield* new UsageWalk(repository, view, options).below(start);
}

interface UsageOptions {
  readonly maxDepth?: number;
  readonly signal?: AbortSignal;
}

type Totals = { -readonly [Name in keyof Omit<Usage, "path" | "depth">]: number };

/** A directory whose turn has come; those in `waiting` come before it, the last one first. */
interface OpenDirectory {
  readonly path: ByteString;
  readonly waiting: ByteString[];
  readonly totals: Totals;
  /** It has no summary: what is below it is added as it is walked. */
  readonly isCounted: boolean;
}

class UsageWalk {
  readonly #repository: Repository;
  readonly #view: SnapshotView;
  readonly #maxDepth: number;
  readonly #signal: AbortSignal | undefined;
  #errors: Promise<ReadonlyMap<ByteString, number>> | undefined;

  constructor(repository: Repository, view: SnapshotView, { maxDepth, signal }: UsageOptions) {
    this.#repository = repository;
    this.#view = view;
    this.#maxDepth = maxDepth ?? Number.POSITIVE_INFINITY;
    this.#signal = signal;
  }

  /** By a stack of its own: a path may have thousands of steps. */
  async *below(start: ByteString): AsyncGenerator<Usage> {
    const open = [await this.#open(start, 0)];
    for (let top = open.at(-1); top; top = open.at(-1)) {
      throwIfAborted(this.#signal);
      const next = top.waiting.pop();
      if (next !== undefined) {
        open.push(await this.#open(next, open.length));
        continue;
      }
      open.pop();
      const above = open.at(-1);
      if (above?.isCounted) add(above.totals, top.totals);
      if (open.length <= this.#maxDepth) yield { path: top.path, depth: open.length, ...top.totals };
    }
  }

  async #open(path: ByteString, depth: number): Promise<OpenDirectory> {
    const summary = await this.#view.summary(path);
    if (summary && depth >= this.#maxDepth) return { path, waiting: [], totals: totalsIn(summary), isCounted: false };
    const children = await childrenOf(this.#repository, this.#view, path);
    const waiting = children.filter(({ isDirectory }) => isDirectory).map((child) => child.path);
    const totals = summary ? totalsIn(summary) : counted(children, (await this.#errorsByDirectory()).get(path) ?? 0);
    return { path, waiting: waiting.toReversed(), totals, isCounted: !summary };
  }

  /** What could not be read, by the directories it lies in. */
  #errorsByDirectory(): Promise<ReadonlyMap<ByteString, number>> {
    this.#errors ??= countErrors(this.#view);
    return this.#errors;
  }
}

async function countErrors(view: SnapshotView): Promise<ReadonlyMap<ByteString, number>> {
  const errors = new Map<ByteString, number>();
  for await (const { path } of view.failures()) {
    const directory = parentPath(path);
    errors.set(directory, (errors.get(directory) ?? 0) + 1);
  }
  return errors;
}

function totalsIn(summary: VfsSummary): Totals {
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

/** Of a directory's own children. */
function counted(children: readonly WalkedItem[], errors: number): Totals {
  const totals = { sizeBytes: 0, files: 0, directories: 0, symlinks: 0, special: 0, errors };
  for (const { info } of children) {
    const { kind, sizeBytes } = info;
    if (kind === "file") {
      totals.files++;
      totals.sizeBytes += sizeBytes;
    } else if (kind === "directory") totals.directories++;
    else if (kind === "symlink") totals.symlinks++;
    else totals.special++;
  }
  return totals;
}

function add(to: Totals, more: Totals): void {
  for (const name of Object.keys(to) as (keyof Totals)[]) to[name] += more[name];
}
