import { throwIfAborted, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { openSnapshots, resolveTarget, type SnapshotView } from "../snapshot/index.ts";
import type { CheckedSnapshot, CheckOptions, CheckReport, Problem } from "./check-contract.ts";
import { verifyPacks } from "./check-packs.ts";
import { problemOf } from "./check-problems.ts";
import { Blobs, SnapshotChecker } from "./check-snapshot.ts";
import { findOrphans } from "./orphans.ts";

/**
 * A check. Merge every state anew -> verify whole packfiles, every byte of them -> walk every snapshot: all that it refers
 * to must be there and sound. Damage is named by packfile, and by snapshot and path.
 */
export async function check(repository: Repository, options: CheckOptions): Promise<CheckReport> {
  const startedMs = repository.parts.clock.monotonicMs();
  const storeProblems: Problem[] = [];
  const state = await repository.loadAfresh((id, error) => storeProblems.push({ ...problemOf(error), state: id }));
  const blobs = new Blobs(state);

  const { views, unreadable } = await selectSnapshots(repository, options);
  const everything = options.targets.length === 0;
  const needed = everything ? undefined : await packsOf(repository, views, blobs, options);
  storeProblems.push(...(await verifyPacks(repository, blobs, { ...options, packs: needed })));

  const checker = new SnapshotChecker(repository, blobs, options);
  const snapshots: CheckedSnapshot[] = [...unreadable];
  for (const view of views) {
    throwIfAborted(options.signal);
    options.progress({ type: "phase", phase: `snapshot ${view.id.slice(0, 8)}` });
    snapshots.push(await checker.check(view));
  }
  for (const { id, problems } of snapshots) {
    for (const { path, message, code } of problems) {
      options.progress({
        type: "error",
        path: `${id.slice(0, 8)}:${path === undefined ? "" : toDisplay(path)}`,
        message,
        code,
      });
    }
  }
  const orphans = everything ? await findOrphans(repository) : { problems: [], notes: [] };
  storeProblems.push(...orphans.problems);
  const damaged = storeProblems.length > 0 || snapshots.some(({ problems }) => problems.length > 0);
  const durationMs = repository.parts.clock.monotonicMs() - startedMs;
  return { snapshots, storeProblems, notes: orphans.notes, damaged, durationMs };
}

/** The snapshots to check; those whose very header cannot be read are results already. */
async function selectSnapshots(
  repository: Repository,
  options: CheckOptions,
): Promise<{ views: SnapshotView[]; unreadable: CheckedSnapshot[] }> {
  const unreadable: CheckedSnapshot[] = [];
  if (options.targets.length === 0) {
    const views = await openSnapshots(repository, (id, error) => {
      unreadable.push({ id, files: 0, bytes: 0, partial: false, problems: [problemOf(error)], gaps: [] });
    });
    return { views, unreadable };
  }
  const views: SnapshotView[] = [];
  for (const target of options.targets) views.push((await resolveTarget(repository, target)).view);
  return { views, unreadable };
}

/** The packs that some snapshots refer to: found by walking them once without looking for damage. */
async function packsOf(
  repository: Repository,
  views: readonly SnapshotView[],
  blobs: Blobs,
  options: CheckOptions,
): Promise<Set<number>> {
  const walker = new SnapshotChecker(repository, blobs, { ...options, progress: () => undefined });
  for (const view of views) await walker.check(view);
  return blobs.touchedPacks;
}
