import { type FsDestination, type Overwrite, type RestoreItem, twinsAmong } from "../destination/index.ts";
import type { VfsEntry } from "../format/index.ts";
import { type ByteString, FLAGS_ATTRIBUTE, isPlakarError, PlakarError, throwIfAborted } from "../foundation/index.ts";
import type { SnapshotView } from "../snapshot/index.ts";
import type { RestoreOptions, Wanted } from "./restore-contract.ts";
import type { RestoreCounts } from "./restore-counts.ts";
import type { ExtraItems } from "./restore-delete.ts";
import type { FileRestorer } from "./restore-files.ts";
import { linkKey, notRestoredWith, placeIn, restoreItemOf } from "./restore-item.ts";
import { SeenDirectories } from "./strays.ts";

export interface TreeRestorerParts {
  readonly view: SnapshotView;
  readonly destination: FsDestination;
  readonly files: FileRestorer;
  readonly counts: RestoreCounts;
  readonly overwrite: Overwrite;
  readonly dryRun: boolean;
  readonly wants: NonNullable<RestoreOptions["wants"]>;
  /** Where what the snapshot does not have is removed. */
  readonly extra: ExtraItems | undefined;
  /** What other targets of the same run have restored; undefined when there is one only. */
  readonly taken: Set<ByteString> | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A directory of the snapshot on its way: made when it, or something below it, is wanted. */
interface OpenDirectory {
  readonly from: ByteString;
  readonly item: RestoreItem;
  readonly above: OpenDirectory | undefined;
  made: boolean;
  /** Why it could not be made, nor anything in it. */
  failure?: PlakarError;
  /** The rule of overwriting leaves its metadata as they are. */
  kept: boolean;
}

/** Another name of an item, whose first name in the target is `first`. */
interface FurtherName {
  readonly from: ByteString;
  readonly item: RestoreItem;
  readonly entry: VfsEntry;
  readonly first: ByteString;
}

/** Failures of a name, not of the file that it names. */
const placeless: readonly string[] = ["restore-collision", "restore-blocked"];

/** Walks the snapshot and makes what it says; the content of files is the file restorer's. */
export class TreeRestorer {
  readonly #parts: TreeRestorerParts;
  /** In the order in which they were made: finished from the end. */
  readonly #directories: OpenDirectory[] = [];
  /** Links and special files that were left as they are by the rule of overwriting. */
  readonly #kept: Set<ByteString> = new Set();
  /** First path of each item with several names. */
  readonly #firstNames: Map<string, ByteString> = new Map();
  /** Files and directories with inode flags, each after those above it. */
  readonly #flagged: RestoreItem[] = [];
  readonly #seen: SeenDirectories = new SeenDirectories();
  /** The other names: made when what they belong to is there. */
  #links: FurtherName[] = [];
  /** For first names that found no place: the name under which the file is restored instead. */
  readonly #insteadOf: Map<ByteString, ByteString> = new Map();

  constructor(parts: TreeRestorerParts) {
    this.#parts = parts;
  }

  /**
   * A directory's contents land in the target itself; anything else lands in it under its own name. `withRoot`: whether the
   * target takes owner, mode and times of the directory.
   */
  async restore(from: ByteString, entry: VfsEntry, withRoot: boolean): Promise<void> {
    const { files, destination, counts, dryRun, taken } = this.#parts;
    const item = await this.#itemOf(from, "" as ByteString, entry);
    if (item.info.kind === "directory") {
      const root: OpenDirectory = { from, item, above: undefined, made: true, kept: await this.#isKept(item) };
      this.#directories.push(root);
      if (withRoot && !root.kept) this.#remember(item);
      await this.#contents(root);
      await this.#attempt(item.path, () => this.#tellStrays(root));
    } else {
      const path = entry.fileInfo.name;
      await this.#child({ ...item, path, hasTwin: taken !== undefined }, from, entry, undefined);
    }
    await files.finish();
    await this.#makeLinks();
    for (const directory of this.#directories.toReversed()) {
      throwIfAborted(this.#parts.signal);
      await this.#attempt(directory.item.path, async () => {
        await this.#parts.extra?.removeFrom(directory.from, directory.item.path);
        const { item: each, kept } = directory;
        if (kept || (each.path === "" && !withRoot)) return;
        counts.leftOut(each.path, dryRun ? destination.leavesOut(each) : await destination.finishDirectory(each));
      });
    }
    for (const each of this.#flagged.toReversed()) await this.#attempt(each.path, () => this.#giveFlags(each));
  }

  /** What was left as it was, or could not be restored, does not become immutable. */
  async #giveFlags(item: RestoreItem): Promise<void> {
    const { files, destination, counts, dryRun } = this.#parts;
    if (dryRun || files.wasKept(item.path) || files.failureOf(item.path) !== undefined) return;
    counts.leftOut(item.path, await destination.finishFlags(item));
  }

  async #contents(directory: OpenDirectory): Promise<void> {
    throwIfAborted(this.#parts.signal);
    const { view, counts, destination, taken } = this.#parts;
    const to = directory.item.path;
    const names = new Set<ByteString>();
    const below: OpenDirectory[] = [];
    const children = await this.#seen.childrenOf(view, directory.from, (error) => counts.failure(to, error));
    const isTwin = twinsAmong(children.map(({ entry }) => destination.nameOnDisk(entry.fileInfo.name)));
    for (const { path, entry } of children) {
      const { name } = entry.fileInfo;
      const place = placeIn(to, name);
      await this.#attempt(place, async () => {
        if (names.has(name))
          throw new PlakarError("restore-collision", "the snapshot has this name twice", { kind: "input" });
        names.add(name);
        const item = await this.#itemOf(path, place, entry);
        let opened: OpenDirectory | undefined;
        if (isTwin(destination.nameOnDisk(name))) opened = await this.#twin(item, path, entry, directory);
        else opened = await this.#child(taken ? { ...item, hasTwin: true } : item, path, entry, directory);
        if (opened) below.push(opened);
      });
    }
    for (const each of below) await this.#attempt(each.item.path, () => this.#contents(each));
  }

  /** What lies below something that is no directory is not restored. */
  async #tellStrays({ from, item }: OpenDirectory): Promise<void> {
    for await (const { below, error } of this.#seen.strays(this.#parts.view, from))
      this.#parts.counts.failure(placeIn(item.path, below), error);
  }

  /**
   * An item whose place may be that of another in its directory: the first in the snapshot has it, and so files and further
   * names, which are made later than all else, do not wait.
   */
  async #twin(
    item: RestoreItem,
    from: ByteString,
    entry: VfsEntry,
    above: OpenDirectory,
  ): Promise<OpenDirectory | undefined> {
    if (item.info.kind !== "file") await this.#parts.files.finish();
    const opened = await this.#child({ ...item, hasTwin: true }, from, entry, above);
    await this.#makeLinks();
    return opened;
  }

  /** Restores one item; answers a directory whose contents are to follow. */
  async #child(
    item: RestoreItem,
    from: ByteString,
    entry: VfsEntry,
    above: OpenDirectory | undefined,
  ): Promise<OpenDirectory | undefined> {
    const isDirectory = item.info.kind === "directory";
    const wanted: Wanted = this.#parts.wants(item.path, isDirectory);
    if (wanted === "no" || (wanted === "below" && !isDirectory)) return undefined;
    if (isDirectory) {
      const directory: OpenDirectory = { from, item, above, made: false, kept: false };
      if (wanted === "yes") await this.#attempt(item.path, () => this.#make(directory, item.path));
      // what lies in one that could not be made is not restored either, each told by its name
      return directory.failure?.code === "restore-outside-target" ? undefined : directory;
    }
    if (above) await this.#make(above, item.path);
    this.#take(item.path);
    const key = linkKey(item, entry);
    const first = key === undefined ? undefined : this.#firstNames.get(key);
    if (first !== undefined) {
      this.#links.push({ item, from, entry, first });
      return undefined;
    }
    if (item.info.kind === "file") {
      this.#remember(item);
      await this.#parts.files.add(from, item, entry);
    } else await this.#withoutContent(item);
    if (key !== undefined) this.#firstNames.set(key, item.path);
    return undefined;
  }

  /** Makes a directory, and those above it that are not there yet: for an item at `path`, which is it or lies in it. */
  async #make(directory: OpenDirectory, path: ByteString): Promise<void> {
    if (directory.made) return;
    if (directory.failure) throw notRestoredWith(path, directory.failure);
    const { above, item } = directory;
    const { dryRun, destination, counts } = this.#parts;
    try {
      if (above) await this.#make(above, path);
      directory.kept = await this.#isKept(item);
      await (dryRun ? destination.foreseeDirectory(item) : destination.createDirectory(item));
    } catch (error) {
      if (isPlakarError(error)) directory.failure = error;
      throw error;
    }
    directory.made = true;
    this.#directories.push(directory);
    if (!directory.kept) this.#remember(item);
    counts.directory();
  }

  async #isKept(item: RestoreItem): Promise<boolean> {
    const { overwrite, destination } = this.#parts;
    return overwrite === "never" && (await destination.placement(item, overwrite)) === "keep";
  }

  /** A link or a special file. */
  async #withoutContent(item: RestoreItem): Promise<void> {
    const { destination, counts, overwrite, dryRun } = this.#parts;
    const placement = await destination.placement(item, overwrite);
    if (placement === "keep") {
      this.#kept.add(item.path);
      return counts.kept(item.path);
    }
    const isWhole = placement === "compare" && (await destination.hasMetadata(item));
    const make = item.info.kind === "symlink" ? "createSymlink" : "createSpecial";
    const isDone = dryRun || isWhole;
    counts.leftOut(item.path, isDone ? destination.leavesOut(item) : await destination[make](item, placement));
    counts.link();
  }

  /** Gives what is restored its further names. */
  async #makeLinks(): Promise<void> {
    if (this.#links.length === 0) return;
    const { files } = this.#parts;
    await files.finish();
    const links = this.#links;
    this.#links = [];
    for (const link of links) await this.#attempt(link.item.path, () => this.#link(link));
    await files.finish();
  }

  async #link(link: FurtherName): Promise<void> {
    const { files, destination, counts, overwrite, dryRun } = this.#parts;
    const { item, from, entry } = link;
    const first = this.#insteadOf.get(link.first) ?? link.first;
    // what was left in the first name's place is not this file
    if (this.#kept.has(first)) return this.#withoutContent(item);
    if (files.wasKept(first)) return files.add(from, item, entry);
    const failure = files.failureOf(first);
    if (isPlakarError(failure) && placeless.includes(failure.code)) {
      this.#insteadOf.set(link.first, item.path);
      this.#remember(item);
      await files.add(from, item, entry);
      return files.finish(); // the names that follow are its
    }
    if (failure !== undefined) throw failure;
    const placement = await destination.placement(item, overwrite);
    if (placement === "keep") return counts.kept(item.path);
    if (!dryRun) await destination.createHardLink(item, first, placement);
    counts.link();
  }

  /** Several targets may meet in one directory, but not in one file. */
  #take(path: ByteString): void {
    const { taken } = this.#parts;
    if (taken?.has(path)) {
      throw new PlakarError("restore-collision", "something that was named before has been restored to this place", {
        kind: "input",
        advice: "Restore it to another directory.",
      });
    }
    taken?.add(path);
  }

  #itemOf(path: ByteString, to: ByteString, entry: VfsEntry): Promise<RestoreItem> {
    const { view, counts } = this.#parts;
    return restoreItemOf(view, { path, to, entry }, (error) => counts.failure(to, error));
  }

  #remember(item: RestoreItem): void {
    if (item.extendedAttributes?.some(({ name }) => name === FLAGS_ATTRIBUTE)) this.#flagged.push(item);
  }

  async #attempt(path: ByteString, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!isPlakarError(error) || error.kind === "interrupted" || error.kind === "full" || error.kind === "bug")
        throw error;
      this.#parts.counts.failure(path, error);
    }
  }
}
