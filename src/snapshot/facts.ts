import type { SnapshotHeader, SnapshotId } from "../format/index.ts";
import { type ByteString, mapBounded } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { SnapshotView } from "./view.ts";

const PARALLEL_HEADERS = 8;
const SHOWN_COUNTS = ["size", "files", "directories", "errors"] as const;
type ShownCounts = Readonly<Partial<Record<(typeof SHOWN_COUNTS)[number], number>>>;

/** What lists show of a header, and snapshots are chosen by. Every header has it. */
export interface HeaderFacts
  extends Pick<
    SnapshotHeader,
    "timestampNs" | "durationNs" | "name" | "category" | "environment" | "perimeter" | "job" | "dataset"
  > {
  readonly dataClasses: SnapshotHeader["dataClasses"];
  readonly tags: SnapshotHeader["tags"];
  readonly context: SnapshotHeader["context"];
  readonly sources: readonly {
    readonly importer: { readonly type: string; readonly origin: string; readonly directory: ByteString };
    readonly summary: { readonly directory: ShownCounts; readonly below: ShownCounts };
  }[];
}

export interface SnapshotFacts {
  readonly id: SnapshotId;
  readonly header: HeaderFacts;
}

/** As they are kept: JSON has no large integers. */
interface KeptFacts extends Omit<HeaderFacts, "timestampNs" | "durationNs"> {
  readonly timestampNs: string;
  readonly durationNs: string;
}

/**
 * What lists show of all visible snapshots, newest first: as it was read in an earlier run, else from their headers. Those
 * that cannot be read are handed to `onDamage`, or thrown without it; those that nothing vouches for are told, unless the caller
 * does not mind.
 */
export async function listFacts(
  repository: Repository,
  onDamage?: (id: SnapshotId, error: unknown) => void,
  options: { readonly vouched: boolean } = { vouched: true },
): Promise<SnapshotFacts[]> {
  const ids = repository.state.snapshots();
  if (ids.length === 0) return [];
  const kept = await repository.keptFacts();
  const all: SnapshotFacts[] = [];
  const missing: SnapshotId[] = [];
  for (const id of ids) {
    const known = kept.get(id) as KeptFacts | undefined;
    if (known)
      all.push({
        id,
        header: { ...known, timestampNs: BigInt(known.timestampNs), durationNs: BigInt(known.durationNs) },
      });
    else missing.push(id);
  }
  await mapBounded(missing, PARALLEL_HEADERS, async (id) => {
    try {
      const { header } = await SnapshotView.open(repository, id);
      const isSound = options.vouched ? await repository.vouchForHeader(id) : repository.sealer.detectsDamage;
      if (isSound) kept.add(id, keptFacts(header));
      all.push({ id, header });
    } catch (error) {
      if (!onDamage) throw error;
      onDamage(id, error);
    }
  });
  kept.save();
  return all.toSorted(newestFirst);
}

/** For all that has a time and an id. */
export function newestFirst(a: SnapshotFacts, b: SnapshotFacts): number {
  if (a.header.timestampNs !== b.header.timestampNs) return a.header.timestampNs > b.header.timestampNs ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function keptFacts(header: HeaderFacts): KeptFacts {
  const { timestampNs, durationNs, name, category, environment, perimeter, job, dataset } = header;
  const { dataClasses, tags, context } = header;
  return {
    timestampNs: timestampNs.toString(),
    durationNs: durationNs.toString(),
    ...{ name, category, environment, perimeter, job, dataset, dataClasses, tags, context },
    sources: header.sources.slice(0, 1).map(({ importer, summary }) => ({
      importer: { type: importer.type, origin: importer.origin, directory: importer.directory },
      summary: { directory: shownOf(summary.directory), below: shownOf(summary.below) },
    })),
  };
}

/** Most of the counts are zero, or are not shown. */
function shownOf(counts: ShownCounts): ShownCounts {
  return Object.fromEntries(SHOWN_COUNTS.filter((name) => counts[name]).map((name) => [name, counts[name]]));
}
