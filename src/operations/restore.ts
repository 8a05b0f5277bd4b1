import { type FsDestination, openFsDestination, type RestoreItem } from "../destination/index.ts";
import type { VfsEntry } from "../format/index.ts";
import { type ByteString, coreCount, isPlakarError, throwIfAborted } from "../foundation/index.ts";
import { WorkerPool } from "../pipeline/index.ts";
import type { Repository } from "../repository/index.ts";
import { itemOf, resolveTarget, type SnapshotView } from "../snapshot/index.ts";
import type { RestoreOptions, RestoreReport } from "./restore-contract.ts";
import { RestoreCounts } from "./restore-counts.ts";
import { FileRestorer } from "./restore-files.ts";

/**
 * A restore. Find the snapshot -> walk it directory by directory -> make directories, links, empty files -> fetch ranges of
 * packfiles -> open, verify and write them (in worker threads) -> owner, mode and times: files, then directories, deepest
 * first. An item that fails is recorded and the rest goes on.
 */
export async function restore(repository: Repository, options: RestoreOptions): Promise<RestoreReport> {
  const startedMs = repository.parts.clock.monotonicMs();
  await repository.load();
  const { view, path } = await resolveTarget(repository, options.target);
  const from = path ?? view.root;
  const entry = await view.entry(from);
  const destination = openFsDestination({ directory: options.to, skipPermissions: options.skipPermissions });
  const counts = new RestoreCounts(options.progress);
  const pool = new WorkerPool({
    workers: options.workers ?? coreCount(),
    signal: options.signal,
    setup: () => ({ sealing: repository.parts.sealing }),
  });
  try {
    await destination.prepare();
    const files = new FileRestorer({ repository, view, destination, pool, counts });
    await new TreeRestorer(view, destination, files, counts, options.signal).restore(from, entry);
    const partial = await isPartial(view);
    const durationMs = repository.parts.clock.monotonicMs() - startedMs;
    return counts.report({ snapshot: view.id, to: destination.location, partial, durationMs });
  } finally {
    await pool.close();
    await destination.close();
  }
}

/** Walks the snapshot and makes what it says, files aside. */
class TreeRestorer {
  readonly #view: SnapshotView;
  readonly #destination: FsDestination;
  readonly #files: FileRestorer;
  readonly #counts: RestoreCounts;
  readonly #signal: AbortSignal | undefined;
  /** In the order in which they were made: finished from the end. */
  readonly #directories: RestoreItem[] = [];
  /** First path of each file with several names. */
  readonly #firstNames: Map<string, ByteString> = new Map();
  /** The other names: made when the files they belong to are there. */
  readonly #links: { readonly item: RestoreItem; readonly first: ByteString }[] = [];

  constructor(
    view: SnapshotView,
    destination: FsDestination,
    files: FileRestorer,
    counts: RestoreCounts,
    signal: AbortSignal | undefined,
  ) {
    this.#view = view;
    this.#destination = destination;
    this.#files = files;
    this.#counts = counts;
    this.#signal = signal;
  }

  /** A directory's contents land in the target itself; anything else lands in it under its own name. */
  async restore(from: ByteString, entry: VfsEntry): Promise<void> {
    const item = await this.#itemOf(from, "" as ByteString, entry);
    if (item.info.kind === "directory") {
      this.#directories.push(item);
      await this.#contents(from, "" as ByteString);
    } else await this.#child(from, { ...item, path: entry.fileInfo.name }, entry);
    await this.#files.finish();
    for (const { item: link, first } of this.#links) await this.#attempt(link.path, () => this.#link(link, first));
    for (const directory of this.#directories.toReversed()) {
      await this.#attempt(directory.path, async () =>
        this.#counts.leftOut(await this.#destination.finishDirectory(directory)),
      );
    }
  }

  async #contents(directory: ByteString, to: ByteString): Promise<void> {
    throwIfAborted(this.#signal);
    const children = await this.#view.children(directory);
    const below: { from: ByteString; to: ByteString }[] = [];
    for (const { path, entry } of children) {
      const place = (to === "" ? entry.fileInfo.name : `${to}/${entry.fileInfo.name}`) as ByteString;
      await this.#attempt(place, async () => {
        const item = await this.#itemOf(path, place, entry);
        await this.#child(path, item, entry);
        if (item.info.kind === "directory") below.push({ from: path, to: place });
      });
    }
    for (const { from, to: place } of below) await this.#attempt(place, () => this.#contents(from, place));
  }

  async #child(path: ByteString, item: RestoreItem, entry: VfsEntry): Promise<void> {
    switch (item.info.kind) {
      case "directory":
        await this.#destination.createDirectory(item);
        this.#directories.push(item);
        this.#counts.directory();
        return;
      case "file":
        if (!this.#isFurtherName(item, entry)) await this.#files.add(path, item, entry);
        return;
      case "symlink":
        this.#counts.leftOut(await this.#destination.createSymlink(item));
        this.#counts.link();
        return;
      default:
        this.#counts.leftOut(await this.#destination.createSpecial(item));
        this.#counts.link();
    }
  }

  /** A file with more names than one is restored once; the same content must stand behind the other names. */
  #isFurtherName(item: RestoreItem, entry: VfsEntry): boolean {
    const { dev, ino, nlink } = entry.fileInfo;
    if (nlink < 2) return false;
    const key = `${dev}:${ino}:${Buffer.from(entry.object).toString("latin1")}`;
    const first = this.#firstNames.get(key);
    if (first === undefined) this.#firstNames.set(key, item.path);
    else this.#links.push({ item, first });
    return first !== undefined;
  }

  async #link(item: RestoreItem, first: ByteString): Promise<void> {
    const failure = this.#files.failureOf(first);
    if (failure !== undefined) throw failure;
    await this.#destination.createHardLink(item, first);
    this.#counts.link();
  }

  async #itemOf(path: ByteString, to: ByteString, entry: VfsEntry): Promise<RestoreItem> {
    const names = entry.extendedAttributes ?? [];
    if (names.length === 0) return itemOf(to, entry);
    // An attribute that is lost takes nothing else with it.
    const { values, failures } = await this.#view.attributesOf(path, names);
    for (const failure of failures) this.#counts.failure(to, failure);
    return itemOf(to, entry, values);
  }

  async #attempt(path: ByteString, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!isPlakarError(error) || error.kind === "interrupted" || error.kind === "full" || error.kind === "bug")
        throw error;
      this.#counts.failure(path, error);
    }
  }
}

/** Whether something could not be read when the snapshot was taken. */
async function isPartial(view: SnapshotView): Promise<boolean> {
  for await (const _failure of view.failures()) return true;
  return false;
}
