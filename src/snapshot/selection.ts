import type { SnapshotId } from "../format/index.ts";
import { type ByteString, mapBounded, PlakarError } from "../foundation/index.ts";
import { findOrphans, type Repository } from "../repository/index.ts";
import { listFacts, newestFirst } from "./facts.ts";
import { matchesFilter, type SnapshotFilter } from "./filter.ts";
import { isNewestTarget, parseTarget, pathInSnapshot } from "./target.ts";
import { SnapshotView } from "./view.ts";

const PARALLEL_HEADERS = 8;

/** `PREFIX:PATH`, `latest`, `latest:PATH`, `:PATH`, or nothing at all (the newest). */
export interface Target {
  readonly view: SnapshotView;
  /** Absolute; undefined when no path was given. */
  readonly path: ByteString | undefined;
}

/**
 * All visible snapshots, newest first. Headers that cannot be read are handed to `onDamage`, or thrown without it; those that
 * nothing vouches for are told, unless the caller finds out in another way or does not mind.
 */
export async function openSnapshots(
  repository: Repository,
  onDamage?: (id: SnapshotId, error: unknown) => void,
  options: { readonly vouched: boolean } = { vouched: true },
): Promise<SnapshotView[]> {
  const ids = repository.state.snapshots();
  const views = await mapBounded(ids, PARALLEL_HEADERS, async (id) => {
    try {
      return await (options.vouched ? openVouched(repository, id) : SnapshotView.open(repository, id));
    } catch (error) {
      if (!onDamage) throw error;
      onDamage(id, error);
      return undefined;
    }
  });
  return views.filter((view) => view !== undefined).toSorted(newestFirst);
}

async function openVouched(repository: Repository, id: SnapshotId): Promise<SnapshotView> {
  const view = await SnapshotView.open(repository, id);
  await repository.vouchForHeader(id);
  return view;
}

/**
 * Finds what a command line names. Paths are relative to the snapshot's root. Fails with code `snapshot-not-found` (kind
 * missing) or `snapshot-ambiguous` (kind input). `filter`: among which the newest one is looked for.
 */
export async function resolveTarget(
  repository: Repository,
  text: string,
  filter: SnapshotFilter = {},
): Promise<Target> {
  const { snapshot, path: typed } = parseTarget(text);
  const view = isNewestTarget(text)
    ? await newest(repository, filter)
    : await openVouched(repository, findId(repository, snapshot));
  const isOfWindows = process.platform === "win32" || view.isOfWindows;
  const path = typed === "" ? undefined : pathInSnapshot(typed, view.root, { isOfWindows });
  return { view, path };
}

/**
 * The newest of the visible snapshots that a filter lets through. One that is newer still may have lost its state, which is
 * warned of. Fails with code `snapshot-not-found` (kind missing).
 */
export async function newest(repository: Repository, filter: SnapshotFilter = {}): Promise<SnapshotView> {
  const all = await listFacts(repository);
  const found = all.find(({ header }) => matchesFilter(header, filter));
  if (found) {
    const view = await openVouched(repository, found.id);
    await warnOfUnnamed(repository);
    return view;
  }
  if (all.length > 0) throw nothingChosen();
  throw new PlakarError("snapshot-not-found", `there is no snapshot in ${repository.location}`, {
    kind: "missing",
    advice: "Make one: plakar backup DIRECTORY",
  });
}

/** Nothing is as a filter wants it. */
export function nothingChosen(): PlakarError {
  return new PlakarError("snapshot-not-found", "no snapshot is as the flags want it", {
    kind: "missing",
    advice: "See what there is: plakar ls",
  });
}

/** So many packfiles without a state are looked into where nobody asked for a check. */
const LOOKED_INTO = 64;

/** Warns of snapshots that are in the store and not in its index: a newest one that seems to be another must not go unnoticed. */
export async function warnOfUnnamed(repository: Repository): Promise<number> {
  const { headers } = await findOrphans(repository, { atMost: LOOKED_INTO });
  for (const { snapshot } of headers) {
    repository.warn(
      `snapshot ${snapshot.slice(0, 8)} is in the store, but not in its index: its state is lost, or its backup was killed just before the end (plakar check says more)`,
    );
  }
  return headers.length;
}

/** The one visible snapshot whose id begins with `prefix`. */
export function findId(repository: Repository, prefix: string): SnapshotId {
  const wanted = prefix.toLowerCase();
  const found = /^[0-9a-f]{1,64}$/.test(wanted)
    ? repository.state.snapshots().filter((id) => id.startsWith(wanted))
    : [];
  const [id, second] = found;
  if (id === undefined) {
    throw new PlakarError("snapshot-not-found", `no snapshot ${prefix} in ${repository.location}`, {
      kind: "missing",
      advice: "List what there is: plakar ls",
    });
  }
  if (second !== undefined) {
    throw new PlakarError("snapshot-ambiguous", `${prefix} begins the ids of ${found.length} snapshots`, {
      kind: "input",
      advice: `Give more digits: ${found
        .slice(0, 4)
        .map((each) => each.slice(0, prefix.length + 4))
        .join(", ")}`,
    });
  }
  return id;
}
