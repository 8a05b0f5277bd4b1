import { asMac } from "../format/index.ts";
import { equalBytes, type ItemInfo, throwIfAborted } from "../foundation/index.ts";
import type { StoredFileContent } from "../pipeline/index.ts";
import type { BuilderChild, Child, FileContent, ListingCursor } from "../snapshot/index.ts";
import type { Source, SourceDirectory, SourceItem } from "../source/index.ts";
import type { BackupFailure, BackupOptions } from "./backup-contract.ts";
import type { BackupCounts } from "./backup-counts.ts";
import { hasSameInfo, type ParentSnapshot } from "./backup-parent.ts";
import type { BackupSession } from "./backup-session.ts";

export interface ScanWork {
  readonly source: Source;
  readonly parent: ParentSnapshot | undefined;
  readonly session: BackupSession;
  readonly counts: BackupCounts;
  readonly options: BackupOptions;
}

/** Walks the source, directory by directory; resolves when every file's content is known and every directory built. */
export async function scanSource(work: ScanWork): Promise<void> {
  const { source, session, options } = work;
  const building: Set<Promise<void>> = new Set();
  let failure: unknown;
  const contents = await storeContents(work);
  const ancestors = await source.ancestors();
  for await (const directory of source.walk(options.signal)) {
    throwIfAborted(options.signal);
    if (failure !== undefined) break;
    if (directory.item.path === source.root) await buildAncestors(work, ancestors, directory.item);
    else work.counts.directory();
    // Contents come from the workers in their own time: the walk goes on meanwhile.
    const { built } = await scanDirectory(work, directory, contents);
    await session.writer.drain();
    if (!built) continue;
    const task: Promise<void> = built
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => building.delete(task));
    building.add(task);
  }
  session.content.flush();
  await Promise.all(building);
  if (failure !== undefined) throw failure;
}

/** What streams and archives hold, by key; their files are known only when they have passed by. */
type StoredContents = ReadonlyMap<string, Promise<StoredFileContent>>;

async function storeContents({ source, session, options }: ScanWork): Promise<StoredContents> {
  const stored = new Map<string, Promise<StoredFileContent>>();
  for await (const { key, parts, ...file } of source.contents?.(options.signal) ?? []) {
    throwIfAborted(options.signal);
    const taken = await session.content.takeStream(file, parts);
    taken.stored.catch(() => undefined); // awaited with the directory it is in
    stored.set(key, taken.stored);
    await session.writer.drain();
  }
  session.content.flush();
  return stored;
}

/** The directories above the root, each with the next as its only child. */
async function buildAncestors(work: ScanWork, ancestors: readonly SourceItem[], root: SourceItem): Promise<void> {
  const { session, counts, parent } = work;
  const chain = [...ancestors, root];
  const [top] = chain;
  if (top) session.builder.root(top);
  for (const [depth, item] of chain.entries()) {
    counts.directory();
    const child = chain[depth + 1];
    if (!child) continue;
    const before = await parent?.listing(item.path);
    await session.builder.directory(item.path, [child], [], before && session.known.listing(before));
  }
}

/** What becomes of a child; undefined when it has no entry. */
type Outcome = BuilderChild | undefined;

/** Decides for each child whether it must be read; `built` resolves when all contents are known and the directory is built. */
async function scanDirectory(
  work: ScanWork,
  directory: SourceDirectory,
  contents: StoredContents,
): Promise<{ built: Promise<void> | undefined }> {
  const { session, counts, parent } = work;
  const { path } = directory.item;
  const before = await parent?.listing(path);
  const failures: BackupFailure[] = [...directory.failures];
  for (const failure of failures) counts.failure(failure.path, failure.message);
  const outcomes: Outcome[] = [];
  const pending: Promise<void>[] = [];
  for (const item of directory.children) {
    const taken = before && parent && take(work, item, before, parent);
    if (taken) {
      outcomes.push(taken);
      continue;
    }
    const child = before?.isFound ? before.child() : undefined;
    const { outcome } = await scanChild({ work, item, child, failures }, contents);
    const at = outcomes.length;
    if (!(outcome instanceof Promise)) outcomes.push(outcome);
    else {
      outcomes.push(undefined);
      const known = outcome.then((each) => {
        outcomes[at] = each;
      });
      known.catch(() => undefined); // awaited below, unless the walk is stopped in the middle of this directory
      pending.push(known);
    }
  }
  const stored = before && session.known.listing(before);
  const build = (): Promise<void> | undefined => {
    const children = outcomes.filter((outcome) => outcome !== undefined);
    return session.builder.directory(path, children, failures, stored);
  };
  return { built: pending.length > 0 ? Promise.all(pending).then(build) : build() };
}

/** The child as the parent has it, where nothing of it has changed: neither is its content read nor its entry made. */
function take(
  { session, counts }: ScanWork,
  item: SourceItem,
  before: ListingCursor,
  parent: ParentSnapshot,
): BuilderChild | undefined {
  const isThere = before.seek(item.info.name);
  if (!isThere || item.contentKey !== undefined || !before.matches(item)) return undefined;
  if (!session.known.hasMatched(before, item, parent)) return undefined;
  const { kind, sizeBytes } = item.info;
  if (kind === "file") counts.file(item.path, "unchanged", sizeBytes);
  else if (kind !== "directory") counts.other();
  return before.take(item);
}

/** A child that is new, or has changed, or must be looked at more closely. */
interface ChildWork {
  readonly work: ScanWork;
  readonly item: SourceItem;
  /** As the parent has it. */
  readonly child: Child | undefined;
  /** Of the directory; is added to. */
  readonly failures: BackupFailure[];
}

async function scanChild(
  childWork: ChildWork,
  contents: StoredContents,
): Promise<{ readonly outcome: Outcome | Promise<Outcome> }> {
  const { work, item } = childWork;
  const { kind } = item.info;
  const known = item.contentKey === undefined ? undefined : contents.get(item.contentKey);
  if (known) return { outcome: known.then((content) => recordContent(childWork, content)) };
  if (kind === "file") return scanFile(childWork);
  if (kind !== "directory") work.counts.other();
  return { outcome: item };
}

/** An unchanged file keeps its content unread; any other goes to a worker. Failures are recorded, and the file has no entry. */
async function scanFile(childWork: ChildWork): Promise<{ readonly outcome: Outcome | Promise<Outcome> }> {
  const { item, child, work } = childWork;
  const { session, counts, parent } = work;
  const known = parent && (await session.known.reuse(item, child, parent));
  if (known) {
    counts.file(item.path, "unchanged", item.info.sizeBytes);
    return { outcome: { ...item, content: known } };
  }
  await session.content.room();
  const { sizeBytes, modifiedNs } = item.info;
  const stored = session.content.store({ path: item.path, sizeBytes, modifiedNs });
  return { outcome: stored.then((content) => recordContent(childWork, content)) };
}

function recordContent({ work, item, child: before, failures }: ChildWork, stored: StoredFileContent): Outcome {
  const { counts } = work;
  const fail = (message: string): void => {
    counts.failure(item.path, message);
    failures.push({ path: item.path, message });
  };
  if (stored.failure) {
    fail(stored.failure.message);
    return undefined;
  }
  if (stored.changed) fail("changed while it was read; what is stored may be a mixture of before and after");
  // a stream has no time that could tell whether it changed, and a file's may stay when its content does not
  const isSame = before !== undefined && !before.isDirectory && isUnchanged(item, before, stored);
  const status = isSame ? "unchanged" : before && !before.isDirectory ? "changed" : "new";
  counts.readFile(item.path, status, stored.sizeBytes);
  return { ...item, info: infoAsRead(item.info, stored), content: contentOf(stored) };
}

/** Whether a file that was read is as it was: its content, and all else unless it is a stream's. */
function isUnchanged(item: SourceItem, before: Child, { object }: StoredFileContent): boolean {
  return equalBytes(before.entry.object, object) && (item.contentKey !== undefined || hasSameInfo(item, before));
}

/** Size and time of what was read, which may be newer than what the walk saw. */
function infoAsRead(info: ItemInfo, { sizeBytes, modifiedNs }: StoredFileContent): ItemInfo {
  return { ...info, sizeBytes, modifiedNs };
}

function contentOf({ object, contentType, entropy, chunks }: StoredFileContent): FileContent {
  return { object: asMac(object), contentType, entropy, chunks };
}
