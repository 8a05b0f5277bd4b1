import type { SnapshotId } from "../format/index.ts";
import { PlakarError } from "../foundation/index.ts";
import { type Repository, writeTombstone } from "../repository/index.ts";
import { findId, newest, warnOfUnnamed } from "../snapshot/index.ts";

/**
 * Makes snapshots invisible: one small state each. No data is deleted; maintenance frees what nobody refers to any more.
 * All names are resolved before the first is removed.
 */
export async function removeSnapshots(
  repository: Repository,
  options: { readonly targets: readonly string[] },
): Promise<SnapshotId[]> {
  if (options.targets.length === 0) {
    throw new PlakarError("nothing-selected", "no snapshot is named", {
      kind: "input",
      advice: "Name it: plakar rm SNAPSHOT",
    });
  }
  await repository.load();
  const ids = new Set<SnapshotId>();
  for (const target of options.targets) ids.add(await idOf(repository, target));
  for (const id of ids) await writeTombstone(repository, id);
  return [...ids];
}

async function idOf(repository: Repository, target: string): Promise<SnapshotId> {
  if (target.includes(":")) {
    throw new PlakarError("not-a-snapshot", `${target} names a path; only whole snapshots can be removed`, {
      kind: "input",
    });
  }
  if (target !== "latest") return findId(repository, target);
  const { id } = await newest(repository);
  if ((await warnOfUnnamed(repository)) === 0) return id;
  throw new PlakarError(
    "latest-uncertain",
    "nobody can say whether the newest snapshot in the index is the newest one",
    {
      kind: "conflict",
      advice: `Name the one to remove: plakar rm ${id.slice(0, 8)}`,
    },
  );
}
