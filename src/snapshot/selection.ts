import type { SnapshotId } from "../format/index.ts";
import { type ByteString, fromText, mapBounded, PlakarError } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { normalisePath, SnapshotView } from "./view.ts";

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

function newestFirst(a: SnapshotView, b: SnapshotView): number {
  if (a.header.timestampNs !== b.header.timestampNs) return a.header.timestampNs > b.header.timestampNs ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/**
 * Finds what a command line names. Paths are relative to the snapshot's root. Fails with code `snapshot-not-found` (kind
 * missing) or `snapshot-ambiguous` (kind input).
 */
export async function resolveTarget(repository: Repository, text: string): Promise<Target> {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const typed = colon < 0 ? "" : text.slice(colon + 1);
  const view =
    name === "" || name === "latest"
      ? await newest(repository)
      : await openVouched(repository, findId(repository, name));
  const path = typed === "" ? undefined : normalisePath(fromText(typed), view.root);
  return { view, path };
}

async function newest(repository: Repository): Promise<SnapshotView> {
  const [view] = await openSnapshots(repository);
  if (view) return view;
  throw new PlakarError("snapshot-not-found", `there is no snapshot in ${repository.location}`, {
    kind: "missing",
    advice: "Make one: plakar backup DIRECTORY",
  });
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
