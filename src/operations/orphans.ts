import { ResourceType } from "../format/index.ts";
import { corrupted, isPlakarError, toHex } from "../foundation/index.ts";
import { listPackfiles, type Repository, readPackIndex } from "../repository/index.ts";
import type { Problem } from "./check-contract.ts";

/**
 * Packfiles that no state names. Interrupted backups leave such, which is no damage; but one that holds a snapshot's header
 * while no lock of that backup is left means that a state was lost.
 */
export async function findOrphans(repository: Repository): Promise<{ problems: Problem[]; notes: string[] }> {
  const { state, store } = repository;
  const known = new Set<string>(
    state.packIds.filter((_, pack) => state.knownPacks.has(pack) || state.removedPacks.has(pack)),
  );
  const orphans = (await listPackfiles(store)).ids.filter((id) => !known.has(id));
  const locks = new Set((await store.list("locks")).map(({ id }) => id));
  const problems: Problem[] = [];
  for (const id of orphans) {
    for (const snapshot of await headersIn(repository, id)) {
      if (state.headers.has(snapshot) || locks.has(snapshot)) continue;
      const message = `packfile ${id.slice(0, 8)} holds snapshot ${snapshot.slice(0, 8)}, which no state names: its state is lost, or its backup was killed just before the end`;
      problems.push({ code: "state-missing", message, packfile: id });
    }
  }
  const notes =
    orphans.length > 0
      ? [`${orphans.length} packfiles belong to no snapshot (left by interrupted backups); maintenance removes them`]
      : [];
  return { problems, notes };
}

/**
 * For those who find no snapshot where they expected one: tells of snapshots that were committed, but whose state is gone. An
 * empty answer must not look like an empty store.
 */
export async function tellLostSnapshots(repository: Repository): Promise<void> {
  await repository.load();
  const { problems } = await findOrphans(repository);
  for (const { code, message } of problems) repository.parts.onDamage(corrupted(code, message));
}

async function headersIn(repository: Repository, packfile: string): Promise<string[]> {
  try {
    const entries = await readPackIndex(repository, packfile);
    return entries.filter(({ type }) => type === ResourceType.snapshot).map(({ mac }) => toHex(mac));
  } catch (error) {
    if (isPlakarError(error)) return []; // half-written by an interrupted backup
    throw error;
  }
}
