import { corrupted, count } from "../foundation/index.ts";
import { findOrphans, type Orphans, type Repository } from "../repository/index.ts";
import type { Problem } from "./check-contract.ts";

/** What `check` says of packfiles that no state names. */
export async function judgeOrphans(repository: Repository): Promise<{ problems: Problem[]; notes: string[] }> {
  const orphans = await findOrphans(repository);
  const left = orphans.packfiles.length;
  const notes =
    left > 0
      ? [`${count(left, "packfile")} of interrupted backups, which no snapshot needs, to be removed by maintenance`]
      : [];
  return { problems: orphans.headers.map(problemOf), notes };
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
