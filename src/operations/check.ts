import type { SnapshotId } from "../format/index.ts";
import { throwIfAborted, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { openSnapshots, resolveTarget, type SnapshotView } from "../snapshot/index.ts";
import { Blobs } from "./check-blobs.ts";
import type { CheckedSnapshot, CheckOptions, CheckReport, Problem } from "./check-contract.ts";
import { type PackProblem, verifyPacks } from "./check-packs.ts";
import { problemOf } from "./check-problems.ts";
import { SnapshotChecker } from "./check-snapshot.ts";
import { judgeOrphans } from "./orphans.ts";

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
  const { problems: packProblems, read, objects } = await verifyPacks(repository, blobs, { ...options, packs: needed });

  const checker = new SnapshotChecker(repository, blobs, options, objects);
  const snapshots: CheckedSnapshot[] = [...unreadable];
  for (const view of views) {
    throwIfAborted(options.signal);
    options.progress({ type: "phase", phase: `snapshot ${view.id.slice(0, 8)}` });
    snapshots.push(await checker.check(view));
  }
  tell(snapshots, options);
  const isHit = snapshots.some(({ problems }) => problems.length > 0);
  const judged = packProblems.map((problem) => judge(problem, blobs, { isHit, everything }));
  const notes = judged.filter(({ isNote }) => isNote).map(({ message }) => message);
  storeProblems.push(...judged.filter(({ isNote }) => !isNote).map(({ problem }) => problem));
  const orphans = everything ? await judgeOrphans(repository) : { problems: [], notes: [] };
  storeProblems.push(...orphans.problems);
  const damaged = storeProblems.length > 0 || isHit;
  const durationMs = repository.parts.clock.monotonicMs() - startedMs;
  return { snapshots, storeProblems, notes: [...notes, ...orphans.notes], read, damaged, durationMs };
}

function tell(snapshots: readonly CheckedSnapshot[], { progress }: CheckOptions): void {
  for (const { id, problems } of snapshots) {
    for (const { path, message, code } of problems) {
      const place = `${id.slice(0, 8)}:${path === undefined ? "" : toDisplay(path)}`;
      progress({ type: "error", path: place, message, code });
    }
  }
}

/**
 * Whether a lost or damaged packfile is damage still, once all that snapshots need of it was stored again. A missing one is
 * none: nothing is left to be mended. One that is there and damaged stays damage of the store, but not of single snapshots.
 */
function judge(
  { pack, isMissing, ...problem }: PackProblem,
  blobs: Blobs,
  { isHit, everything }: { readonly isHit: boolean; readonly everything: boolean },
): { readonly problem: Problem; readonly message: string; readonly isNote: boolean } {
  // what was not reached because of other damage may need it
  if (isHit || blobs.hitPacks.has(pack)) return { problem, message: problem.message, isNote: false };
  const isNeeded = blobs.neededPacks.has(pack);
  const outcome = isNeeded
    ? "; what snapshots need of it is sound, or lies elsewhere too"
    : `; snapshots need nothing of it any more${isMissing || !everything ? "" : ": it can be moved away"}`;
  const message = problem.message + outcome;
  return { problem: { ...problem, message }, message, isNote: isMissing || !everything };
}

/** The snapshots to check; those whose very header cannot be read are results already. */
async function selectSnapshots(
  repository: Repository,
  options: CheckOptions,
): Promise<{ views: SnapshotView[]; unreadable: CheckedSnapshot[] }> {
  const unreadable: CheckedSnapshot[] = [];
  if (options.targets.length === 0) {
    const onDamage = (id: SnapshotId, error: unknown): void => {
      unreadable.push({ id, files: 0, bytes: 0, partial: false, problems: [problemOf(error)], gaps: [] });
    };
    const views = await openSnapshots(repository, onDamage, { vouched: false });
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
