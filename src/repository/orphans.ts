import { ResourceType } from "../format/index.ts";
import { isPlakarError, toHex } from "../foundation/index.ts";
import { MergedState } from "./merged-state.ts";
import { readPackIndex, readPackIndexAtEnd } from "./pack-index.ts";
import { listPackfiles } from "./packfile-list.ts";
import type { Repository } from "./repository.ts";
import { readStateFile } from "./state-loader.ts";

/** Packfiles that no state names. */
export interface Orphans {
  readonly packfiles: readonly string[];
  /** Of them: those with the header of a snapshot that is not known either, and that no running backup may be writing. */
  readonly headers: readonly { readonly packfile: string; readonly snapshot: string }[];
}

/**
 * Interrupted backups leave packfiles that no state names, which is no damage; but one that holds a snapshot's header while
 * no lock of that backup is left means that its state was lost, or that the backup was killed just before the end. With
 * `atMost`, no more packfiles than that are looked into.
 */
export async function findOrphans(
  repository: Repository,
  options: { readonly atMost?: number } = {},
): Promise<Orphans> {
  const { state, store } = repository;
  const { packs } = state;
  const isNamed = (id: string): boolean => {
    const pack = packs.find(id);
    return pack !== undefined && (packs.isKnown(pack) || packs.isRemoved(pack));
  };
  const isGlance = options.atMost !== undefined;
  if (isGlance && (await repository.packfiles()).ids.every(isNamed)) return { packfiles: [], headers: [] };
  const list = await listPackfiles(store);
  const packfiles = list.ids.filter((id) => !isNamed(id));
  if (packfiles.length === 0) return { packfiles, headers: [] };
  const locks = new Set((await store.list("locks")).map(({ id }) => id));
  const headers: { packfile: string; snapshot: string }[] = [];
  for (const packfile of packfiles.slice(0, options.atMost ?? Number.POSITIVE_INFINITY)) {
    for (const snapshot of await headersIn(repository, packfile, list.sizeOf(packfile))) {
      if (!state.headers.has(snapshot) && !locks.has(snapshot)) headers.push({ packfile, snapshot });
    }
  }
  if (headers.length === 0) return { packfiles, headers };
  const since = await namedSince(repository);
  return { packfiles, headers: headers.filter(({ snapshot }) => !since.has(snapshot)) };
}

/** Snapshots that were committed after our states were loaded: whose lock is gone has written its state. */
async function namedSince({ state, store, sealer }: Repository): Promise<MergedState["headers"]> {
  const added = new MergedState();
  for (const { id } of await store.list("states")) {
    if (state.states.has(id)) continue;
    try {
      const { plain, version } = await readStateFile({ store, sealer }, id);
      added.merge(id, plain, version);
    } catch (error) {
      if (!isPlakarError(error, "corrupted")) throw error; // whoever loaded the states has told of it
    }
  }
  added.settle();
  return added.headers;
}

async function headersIn(repository: Repository, packfile: string, sizeBytes: number | undefined): Promise<string[]> {
  try {
    const entries = await (sizeBytes === undefined
      ? readPackIndex(repository, packfile)
      : readPackIndexAtEnd(repository, packfile, sizeBytes));
    return entries.filter(({ type }) => type === ResourceType.snapshot).map(({ mac }) => toHex(mac));
  } catch (error) {
    if (isPlakarError(error)) return []; // half-written by an interrupted backup
    throw error;
  }
}
