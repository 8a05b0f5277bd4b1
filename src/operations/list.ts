import type { SnapshotId, VfsEntry } from "../format/index.ts";
import type { ByteString, ItemKind } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import {
  itemOf,
  matchesFilter,
  nothingChosen,
  resolveTarget,
  type SnapshotFacts,
  type SnapshotFilter,
  type SnapshotItem,
} from "../snapshot/index.ts";
import { tellOfUnnamed } from "./orphans.ts";
import { listSoundFacts } from "./tell-damage.ts";
import { walkBelow } from "./walk.ts";

export interface SnapshotListing {
  readonly id: SnapshotId;
  readonly timestampNs: bigint;
  readonly durationNs: bigint;
  /** Logical size of all files. */
  readonly sizeBytes: number;
  readonly root: ByteString;
  readonly type: string;
  readonly origin: string;
  readonly tags: readonly string[];
  readonly name: string;
  readonly category: string;
  readonly environment: string;
  readonly perimeter: string;
  readonly job: string;
  readonly files: number;
  readonly directories: number;
  /** Items that could not be read when it was taken. */
  readonly errors: number;
}

/**
 * The visible snapshots that a filter lets through, newest first. A damaged one is told, and the others are listed; where
 * there is none at all, lost ones are told.
 */
export async function listSnapshots(repository: Repository, filter: SnapshotFilter = {}): Promise<SnapshotListing[]> {
  void repository.packfiles(); // while the states are loaded
  await repository.load();
  const all = await listSoundFacts(repository);
  await tellOfUnnamed(repository, all.length);
  return all.filter(({ header }) => matchesFilter(header, filter)).map(listingOf);
}

/** The ids that a filter lets through, newest first, at least one. Fails with `snapshot-not-found` (kind missing). */
export async function selectSnapshots(
  repository: Repository,
  { filter, latest }: { readonly filter: SnapshotFilter; readonly latest: boolean },
): Promise<SnapshotId[]> {
  const ids = (await listSnapshots(repository, filter)).map(({ id }) => id);
  if (ids.length === 0) throw nothingChosen();
  return latest ? ids.slice(0, 1) : ids;
}

export function listingOf({ id, header }: SnapshotFacts): SnapshotListing {
  const [source] = header.sources;
  const directory = source?.summary.directory;
  const below = source?.summary.below;
  return {
    id,
    timestampNs: header.timestampNs,
    durationNs: header.durationNs,
    sizeBytes: (directory?.size ?? 0) + (below?.size ?? 0),
    root: source?.importer.directory ?? ("/" as ByteString),
    type: source?.importer.type ?? "",
    origin: source?.importer.origin ?? "",
    tags: header.tags ?? [],
    name: header.name,
    category: header.category,
    environment: header.environment,
    perimeter: header.perimeter,
    job: header.job,
    files: (directory?.files ?? 0) + (below?.files ?? 0),
    directories: (directory?.directories ?? 0) + (below?.directories ?? 0),
    errors: (directory?.errors ?? 0) + (below?.errors ?? 0),
  };
}

export interface ListedEntry {
  readonly path: ByteString;
  readonly kind: ItemKind;
  readonly permissions: number;
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
  readonly userName: string;
  readonly groupName: string;
  readonly userId: bigint;
  readonly groupId: bigint;
  readonly symlinkTarget?: ByteString;
  readonly contentType?: string;
}

/** A directory's children, or the one item that the target names; depth first when recursive. What is damaged is told. */
export async function* listDirectory(
  repository: Repository,
  target: string,
  options: { readonly recursive: boolean },
): AsyncGenerator<ListedEntry> {
  await repository.load();
  const { view, path } = await resolveTarget(repository, target);
  const start = path ?? view.root;
  const entry = await view.entry(start);
  const item = itemOf(start, entry);
  if (item.info.kind !== "directory") yield listed(item, entry);
  else for await (const below of walkBelow(repository, view, start, options)) yield listed(below, below.entry);
}

function listed({ path, info, symlinkTarget }: SnapshotItem, entry: VfsEntry): ListedEntry {
  return {
    path,
    kind: info.kind,
    permissions: info.permissions,
    sizeBytes: info.sizeBytes,
    modifiedNs: info.modifiedNs,
    userName: info.userName,
    groupName: info.groupName,
    userId: entry.fileInfo.uid,
    groupId: entry.fileInfo.gid,
    ...(symlinkTarget !== undefined && { symlinkTarget }),
    ...(entry.contentType !== undefined && { contentType: entry.contentType }),
  };
}
