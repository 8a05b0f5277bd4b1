import { asMac, encodeHeader, ResourceType, type SnapshotId } from "../format/index.ts";
import { fromHex, PlakarError, toHex } from "../foundation/index.ts";
import { type Repository, RepositoryWriter, trustedPacks, writeTombstone } from "../repository/index.ts";
import { resolveTarget, type SnapshotView } from "../snapshot/index.ts";

export interface TagOptions {
  readonly target: string;
  readonly change: "add" | "rm";
  readonly tags: readonly string[];
}

export interface TagReport {
  /** The snapshot as it was named. */
  readonly before: SnapshotId;
  /** The one that stands for it now; the same when there was nothing to do. */
  readonly after: SnapshotId;
  readonly tags: readonly string[];
}

/**
 * Changes a snapshot's tags. Snapshots are immutable: a new one with the same trees, times and fields is committed, and then
 * the old one removed. Stopped in between, both are there; at no moment is there none.
 */
export async function changeTags(repository: Repository, options: TagOptions): Promise<TagReport> {
  await repository.load();
  const { view, path } = await resolveTarget(repository, options.target);
  if (path !== undefined) throw refused("tags belong to whole snapshots", "Name it without a path.");
  requireUnderstood(view);
  const before = view.header.tags ?? [];
  const tags = changed(view, options);
  if (tags.length === before.length) return { before: view.id, after: view.id, tags: before };
  if (repository.reader.locate(ResourceType.signature, asMac(fromHex(view.id))).length > 0) {
    repository.warn(`snapshot ${view.id.slice(0, 8)} is signed: the new one is not`);
  }
  const after = await writeSuccessor(repository, view, tags);
  await writeTombstone(repository, view.id);
  return { before: view.id, after, tags };
}

function changed({ id, header }: SnapshotView, { change, tags }: TagOptions): readonly string[] {
  const before = header.tags ?? [];
  if (change === "add") return [...before, ...new Set(tags.filter((tag) => !before.includes(tag)))];
  const missing = tags.filter((tag) => !before.includes(tag));
  if (missing.length === 0) return before.filter((tag) => !tags.includes(tag));
  throw new PlakarError("tag-not-found", `snapshot ${id.slice(0, 8)} has no tag ${missing.join(", ")}`, {
    kind: "missing",
    advice: before.length > 0 ? `It has: ${before.join(", ")}` : "It has none.",
  });
}

/** Commits a snapshot that differs in its tags alone. */
async function writeSuccessor(
  repository: Repository,
  { header }: SnapshotView,
  tags: readonly string[],
): Promise<SnapshotId> {
  const id = toHex(repository.parts.random.bytes(32)) as SnapshotId;
  const identifier = asMac(fromHex(id));
  const lock = await repository.lockForBackup(id);
  try {
    const writer = new RepositoryWriter(repository, { snapshot: id, padding: false }, await trustedPacks(repository));
    writer.putUnder(ResourceType.snapshot, identifier, encodeHeader({ ...header, identifier, tags: [...tags] }));
    await writer.commit();
    return id;
  } finally {
    await lock.release();
  }
}

/** What cannot be written again as it was must not be replaced (I-09). */
function requireUnderstood({ id, header }: SnapshotView): void {
  if (!header.unknownKeys || header.unknownKeys.length === 0) return;
  throw new PlakarError(
    "snapshot-not-understood",
    `snapshot ${id.slice(0, 8)} says things that this version does not know: ${header.unknownKeys.join(", ")}`,
    { kind: "newer", advice: "Use the version that made it." },
  );
}

function refused(message: string, advice: string): PlakarError {
  return new PlakarError("not-a-snapshot", message, { kind: "input", advice });
}
