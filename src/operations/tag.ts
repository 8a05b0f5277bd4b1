import { asMac, encodeHeader, ResourceType, type SnapshotId } from "../format/index.ts";
import { equalBytes, fromHex, PlakarError, toHex } from "../foundation/index.ts";
import { type Repository, RepositoryWriter, trustedPacks, writeTombstone } from "../repository/index.ts";
import { openSnapshots, resolveTarget, type SnapshotView } from "../snapshot/index.ts";

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
 * the old one removed. Stopped in between, both are there; at no moment is there none. Of two changes at once at most one
 * succeeds, and the other fails with code `tags-changed-meanwhile` (kind conflict) and leaves nothing.
 */
export async function changeTags(repository: Repository, options: TagOptions): Promise<TagReport> {
  await repository.load();
  const { view, path } = await resolveTarget(repository, options.target);
  if (path !== undefined) throw refused("tags belong to whole snapshots", "Name it without a path.");
  requireUnderstood(view);
  const before = view.header.tags ?? [];
  const tags = changed(view, options);
  await requireNoTwin(repository, view);
  if (tags.length === before.length) return { before: view.id, after: view.id, tags: before };
  if (isSigned(repository, view)) repository.warn(`snapshot ${view.id.slice(0, 8)} is signed: the new one will not be`);
  const after = await replace(repository, view, tags);
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

/** Commits the successor, sees whether somebody else did so too, and removes the old one. */
async function replace(repository: Repository, view: SnapshotView, tags: readonly string[]): Promise<SnapshotId> {
  const id = toHex(repository.parts.random.bytes(32)) as SnapshotId;
  const lock = await repository.lockForBackup(id);
  try {
    await writeSuccessor(repository, view, { id, tags });
    // Each of two writers looks after its own commit: at least the later one sees the other, and whoever sees one gives way.
    await repository.reload();
    const isGone = !repository.state.snapshots().includes(view.id);
    if (isGone || (await twinsOf(repository, view, [id])).length > 0) {
      await writeTombstone(repository, id);
      throw conflict(`the tags of snapshot ${view.id.slice(0, 8)} were changed by another command at the same time`);
    }
    await writeTombstone(repository, view.id);
    return id;
  } finally {
    await lock.release();
  }
}

/** Commits a snapshot that differs in its tags alone, and in that nobody signed it. */
async function writeSuccessor(
  repository: Repository,
  { header }: SnapshotView,
  { id, tags }: { readonly id: SnapshotId; readonly tags: readonly string[] },
): Promise<void> {
  const identifier = asMac(fromHex(id));
  const writer = new RepositoryWriter(repository, { snapshot: id, padding: false }, await trustedPacks(repository));
  const successor = { ...header, identifier, identity: nobody(), tags: [...tags] };
  writer.putUnder(ResourceType.snapshot, identifier, encodeHeader(successor));
  await writer.commit();
}

function isSigned(repository: Repository, { id, header }: SnapshotView): boolean {
  const hasSignature = repository.reader.locate(ResourceType.signature, asMac(fromHex(id))).length > 0;
  return hasSignature || header.identity.publicKey !== null;
}

function nobody(): SnapshotView["header"]["identity"] {
  return { identifier: new Uint8Array(16), publicKey: null };
}

/** An earlier change that was stopped before it removed the old snapshot must be settled first: nobody knows which is wanted. */
async function requireNoTwin(repository: Repository, view: SnapshotView): Promise<void> {
  const [twin] = await twinsOf(repository, view, []);
  if (!twin) return;
  const [own, other] = [view.id.slice(0, 8), twin.id.slice(0, 8)];
  throw conflict(
    `snapshots ${own} and ${other} are one but for their tags: a change of tags was stopped, or is going on`,
    `If no other command is at work, remove the one that you do not want: plakar rm ${own}, or: plakar rm ${other}`,
  );
}

/** Snapshots that differ in id, tags and signer alone. */
async function twinsOf(
  repository: Repository,
  view: SnapshotView,
  except: readonly SnapshotId[],
): Promise<SnapshotView[]> {
  const wanted = likeness(view);
  const all = await openSnapshots(repository, () => undefined, { vouched: false });
  return all.filter((each) => each.id !== view.id && !except.includes(each.id) && equalBytes(likeness(each), wanted));
}

function likeness({ header }: SnapshotView): Uint8Array {
  return encodeHeader({ ...header, identifier: asMac(new Uint8Array(32)), identity: nobody(), tags: [] });
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

function conflict(message: string, advice = "See what is there, and try again: plakar ls"): PlakarError {
  return new PlakarError("tags-changed-meanwhile", message, { kind: "conflict", advice });
}

function refused(message: string, advice: string): PlakarError {
  return new PlakarError("not-a-snapshot", message, { kind: "input", advice });
}
