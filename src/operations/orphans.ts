import { corrupted, count } from "../foundation/index.ts";
import { findOrphans, type Orphans, type Repository } from "../repository/index.ts";
import { warnOfUnnamed } from "../snapshot/index.ts";
import type { Problem } from "./check-contract.ts";

/** What `check` says of packfiles that no state names. */
export async function judgeOrphans(repository: Repository): Promise<{ problems: Problem[]; notes: string[] }> {
  const orphans = await findOrphans(repository);
  const left = orphans.packfiles.length;
  const notes = left === 0 ? [] : [noteOf(left, orphans.headers.length > 0)];
  return { problems: orphans.headers.map(problemOf), notes };
}

/** Where states are lost, what no state names may be all that is left of snapshots. */
function noteOf(packfiles: number, lost: boolean): string {
  const which = count(packfiles, "packfile");
  if (lost)
    return `${which} that no state names: keep them, they hold what is left of the snapshots whose states are lost`;
  return `${which} of interrupted backups, which no snapshot needs, to be removed by maintenance`;
}

/**
 * For those who list snapshots, and found so many: tells of what is in the store and not in its index. Beside others these
 * may be of a backup that was killed just before its end; where there is nothing else, it is damage.
 */
export async function tellOfUnnamed(repository: Repository, found: number): Promise<void> {
  if (found === 0) await tellLostSnapshots(repository);
  else await warnOfUnnamed(repository);
}

/**
 * For those who find no snapshot where they expected one: tells of snapshots that were committed, but whose state is gone. An
 * empty answer must not look like an empty store.
 */
export async function tellLostSnapshots(repository: Repository): Promise<void> {
  await repository.load();
  const { headers } = await findOrphans(repository);
  for (const { code, message } of headers.map(problemOf)) repository.parts.onDamage(corrupted(code, message));
}

function problemOf({ packfile, snapshot }: Orphans["headers"][number]): Problem {
  const message = `packfile ${packfile.slice(0, 8)} holds snapshot ${snapshot.slice(0, 8)}, which no state names: its state is lost, or its backup was killed just before the end`;
  return { code: "state-missing", message, packfile };
}
