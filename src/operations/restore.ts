import { isAbsolute, resolve } from "node:path";
import { type FsDestination, isWithin, openFsDestination, realPathOf } from "../destination/index.ts";
import type { SnapshotId, VfsEntry } from "../format/index.ts";
import { type ByteString, coreCount, fromText, PlakarError, toDisplay } from "../foundation/index.ts";
import { WorkerPool } from "../pipeline/index.ts";
import type { Repository } from "../repository/index.ts";
import { itemOf, resolveTarget, type SnapshotFilter, type SnapshotView } from "../snapshot/index.ts";
import type { RestoreOptions, RestoreReport } from "./restore-contract.ts";
import { RestoreCounts } from "./restore-counts.ts";
import { ExtraItems } from "./restore-delete.ts";
import { FileRestorer } from "./restore-files.ts";
import { TreeRestorer } from "./restore-tree.ts";
import { totals } from "./totals.ts";

/**
 * A restore. Find the snapshot -> walk it directory by directory -> look what is there already -> make directories, links,
 * files -> fetch ranges of packfiles -> open, verify and write them (in worker threads) -> owner, mode and times: files,
 * then directories, deepest first. An item that fails is recorded and the rest goes on.
 */
export async function restore(repository: Repository, options: RestoreOptions): Promise<RestoreReport> {
  const startedMs = repository.parts.clock.monotonicMs();
  await repository.load();
  const subjects: Subject[] = [];
  for (const target of options.targets) subjects.push(await findSubject(repository, target, options.filter));
  if (options.delete) requireOneDirectory(subjects);
  requireOutsideStore(repository, options.to);
  const protectedPaths = isAbsolute(repository.location) ? [realPathOf(repository.location)] : [];
  const { to: directory, skipPermissions } = options;
  const destination = openFsDestination({ directory, protectedPaths, skipPermissions });
  const counts = new RestoreCounts(options.progress);
  const pool = new WorkerPool({
    workers: options.workers ?? coreCount(),
    signal: options.signal,
    setup: () => ({ sealing: repository.parts.sealing }),
  });
  try {
    await destination.prepare({ dryRun: options.dryRun ?? false });
    options.progress({ type: "phase", phase: options.dryRun ? "looking" : "restoring" });
    options.progress({ type: "totals", ...(await totalsOfAll(subjects)) });
    const taken = subjects.length > 1 ? new Set<ByteString>() : undefined;
    for (const subject of subjects) {
      const work = { repository, options, destination, counts, pool, taken, protectedPaths };
      await restoreSubject(work, subject, subjects.length === 1);
    }
    const durationMs = repository.parts.clock.monotonicMs() - startedMs;
    const snapshots = [...new Set(subjects.map(({ view }) => view.id))] as SnapshotId[];
    const partial = await arePartial(subjects);
    return counts.report({ snapshots, to: destination.location, partial, durationMs });
  } finally {
    await pool.close();
    await destination.close();
  }
}

/** What one argument names. */
interface Subject {
  readonly view: SnapshotView;
  readonly from: ByteString;
  readonly entry: VfsEntry;
}

interface RestoreWork {
  readonly repository: Repository;
  readonly options: RestoreOptions;
  readonly destination: FsDestination;
  readonly counts: RestoreCounts;
  readonly pool: WorkerPool;
  readonly taken: Set<ByteString> | undefined;
  /** The store, where it lies on this machine. */
  readonly protectedPaths: readonly ByteString[];
}

async function findSubject(repository: Repository, target: string, filter?: SnapshotFilter): Promise<Subject> {
  const { view, path } = await resolveTarget(repository, target, filter);
  const from = path ?? view.root;
  return { view, from, entry: await view.entry(from) };
}

async function restoreSubject(work: RestoreWork, { view, from, entry }: Subject, alone: boolean): Promise<void> {
  const { repository, options, destination, counts, pool, taken, protectedPaths } = work;
  const { overwrite = "if-changed", dryRun = false, noSparse = false, verify = false, signal } = options;
  const wants = options.wants ?? ((): "yes" => "yes");
  const files = new FileRestorer({
    repository,
    view,
    destination,
    pool,
    counts,
    overwrite,
    dryRun,
    noSparse,
    verify,
  });
  const extra = options.delete
    ? await ExtraItems.find({ view, destination, counts, wants, dryRun, protectedPaths })
    : undefined;
  const tree = new TreeRestorer({ view, destination, files, counts, overwrite, dryRun, wants, extra, taken, signal });
  await tree.restore(from, entry, alone);
}

/** About how much there is to restore: what snapshots say of directories; one that says nothing counts for nothing. */
async function totalsOfAll(subjects: readonly Subject[]): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  for (const { view, from, entry } of subjects) {
    const isDirectory = itemOf(from, entry).info.kind === "directory";
    const summary = isDirectory ? await view.summary(from).catch(() => undefined) : undefined;
    const own = summary
      ? totals(summary)
      : { files: isDirectory ? 0 : 1, bytes: isDirectory ? 0 : entry.fileInfo.size };
    files += own.files;
    bytes += own.bytes;
  }
  return { files, bytes };
}

/** What is restored must not change what it is restored from: with -delete nothing of the store would be left. */
function requireOutsideStore({ location }: Repository, to: string): void {
  if (!isAbsolute(location)) return;
  try {
    if (!isWithin(realPathOf(resolve(to)), realPathOf(location))) return;
  } catch {
    return; // the destination says what is wrong with the target
  }
  throw new PlakarError("target-in-store", `${toDisplay(fromText(to))} is, or lies in, the store itself`, {
    kind: "input",
    advice: "Restore to another directory.",
  });
}

/** Of a file, or of several things at once, nobody can say what does not belong to it. */
function requireOneDirectory(subjects: readonly Subject[]): void {
  const [subject] = subjects;
  if (subjects.length === 1 && subject && itemOf(subject.from, subject.entry).info.kind === "directory") return;
  const what = subjects.length > 1 ? "several arguments" : toDisplay(subject?.from ?? fromText(""));
  throw new PlakarError("restore-delete", `-delete removes what a directory does not hold, and ${what} is not one`, {
    kind: "usage",
    advice: "Name one snapshot, or one directory in one.",
  });
}

/** Whether something could not be read when one of the snapshots was taken. */
async function arePartial(subjects: readonly Subject[]): Promise<boolean> {
  for (const { view } of subjects) if (await view.isPartial()) return true;
  return false;
}
