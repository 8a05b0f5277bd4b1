import type { FsDestination, Overwrite, RestoreItem } from "../destination/index.ts";
import type { VfsEntry } from "../format/index.ts";
import { type ByteString, FLAGS_ATTRIBUTE, isPlakarError, PlakarError, throwIfAborted } from "../foundation/index.ts";
import type { Child, SnapshotView } from "../snapshot/index.ts";
import type { RestoreOptions, Wanted } from "./restore-contract.ts";
import type { RestoreCounts } from "./restore-counts.ts";
import type { ExtraItems } from "./restore-delete.ts";
import type { FileRestorer } from "./restore-files.ts";
import { linkKey, restoreItemOf } from "./restore-item.ts";
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
  readonly #links: FurtherName[] = [];

  constructor(parts: TreeRestorerParts) {
    this.#parts = parts;
  }

  /**
   * A directory's contents land in the target itself; anything else lands in it under its own name. `withRoot`: whether the
   * target takes owner, mode and times of the directory.
   */
  async restore(from: ByteString, entry: VfsEntry, withRoot: boolean): Promise<void> {
    const { files, destination, counts, dryRun } = this.#parts;
    const item = await this.#itemOf(from, "" as ByteString, entry);
    if (item.info.kind === "directory") {
      const root: OpenDirectory = { from, item, above: undefined, made: true, kept: await this.#isKept(item) };
      this.#directories.push(root);
      if (withRoot && !root.kept) this.#remember(item);
      await this.#contents(root);
      await this.#attempt(item.path, () => this.#tellStrays(root));
    } else await this.#child({ ...item, path: entry.fileInfo.name }, from, entry, undefined);
    await files.finish();
    for (const link of this.#links) await this.#attempt(link.item.path, () => this.#link(link));
    await files.finish();
    for (const directory of this.#directories.toReversed()) {
      throwIfAborted(this.#parts.signal);
      await this.#attempt(directory.item.path, async () => {
        await this.#parts.extra?.removeFrom(directory.from, directory.item.path);
        if (dryRun || directory.kept || (directory.item.path === "" && !withRoot)) return;
        counts.leftOut(await destination.finishDirectory(directory.item));
      });
    }
    for (const each of this.#flagged.toReversed()) await this.#attempt(each.path, () => this.#giveFlags(each));
  }

  /** What was left as it was, or could not be restored, does not become immutable. */
  async #giveFlags(item: RestoreItem): Promise<void> {
    const { files, destination, counts, dryRun } = this.#parts;
    if (dryRun || files.wasKept(item.path) || files.failureOf(item.path) !== undefined) return;
    counts.leftOut(await destination.finishFlags(item));
  }

  async #contents(directory: OpenDirectory): Promise<void> {
    throwIfAborted(this.#parts.signal);
    const to = directory.item.path;
    const names = new Set<ByteString>();
    const below: OpenDirectory[] = [];
    for (const { path, entry } of await this.#childrenOf(directory)) {
      const { name } = entry.fileInfo;
      const place = (to === "" ? name : `${to}/${name}`) as ByteString;
      await this.#attempt(place, async () => {
        if (names.has(name))
          throw new PlakarError("restore-collision", "the snapshot has this name twice", { kind: "input" });
        names.add(name);
        const item = await this.#itemOf(path, place, entry);
        const opened = await this.#child(item, path, entry, directory);
        if (opened) below.push(opened);
      });
    }
    for (const each of below) await this.#attempt(each.item.path, () => this.#contents(each));
  }

  async #childrenOf({ from, item }: OpenDirectory): Promise<Child[]> {
    let isWhole = true;
    const children = await this.#parts.view.children(from, (error) => {
      isWhole = false;
      this.#parts.counts.failure(item.path, error);
    });
    for (const { path, isDirectory } of children) if (isDirectory) this.#seen.sees(path);
    if (isWhole) this.#seen.listedWhole(from);
    return children;
  }

  /** What lies below something that is no directory is not restored. */
  async #tellStrays({ from, item }: OpenDirectory): Promise<void> {
    for await (const { path, error } of this.#seen.strays(this.#parts.view, from)) {
      const place = path.slice(from === "/" ? 1 : from.length + 1);
      this.#parts.counts.failure((item.path === "" ? place : `${item.path}/${place}`) as ByteString, error);
    }
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
      if (wanted === "yes") await this.#make(directory);
      return directory;
    }
    if (above) await this.#make(above);
    this.#take(item.path);
    if (this.#isFurtherName(item, from, entry)) return undefined;
    if (item.info.kind === "file") {
      this.#remember(item);
      await this.#parts.files.add(from, item, entry);
    } else await this.#withoutContent(item);
    return undefined;
  }

  /** Makes a directory, and those above it that are not there yet. */
  async #make(directory: OpenDirectory): Promise<void> {
    if (directory.made) return;
    if (directory.above) await this.#make(directory.above);
    directory.made = true;
    directory.kept = await this.#isKept(directory.item);
    if (!this.#parts.dryRun) await this.#parts.destination.createDirectory(directory.item);
    this.#directories.push(directory);
    if (!directory.kept) this.#remember(directory.item);
    this.#parts.counts.directory();
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
    if (!dryRun && !isWhole) {
      const make = item.info.kind === "symlink" ? "createSymlink" : "createSpecial";
      counts.leftOut(await destination[make](item, placement));
    }
    counts.link();
  }

  /** What has more names than one is restored once; the same must stand behind the other names. */
  #isFurtherName(item: RestoreItem, from: ByteString, entry: VfsEntry): boolean {
    const key = linkKey(item, entry);
    if (key === undefined) return false;
    const first = this.#firstNames.get(key);
    if (first === undefined) this.#firstNames.set(key, item.path);
    else this.#links.push({ item, from, entry, first });
    return first !== undefined;
  }

  async #link({ item, from, entry, first }: FurtherName): Promise<void> {
    const { files, destination, counts, overwrite, dryRun } = this.#parts;
    // what was left in the first name's place is not this file
    if (this.#kept.has(first)) return this.#withoutContent(item);
    if (files.wasKept(first)) return files.add(from, item, entry);
    const failure = files.failureOf(first);
    if (failure !== undefined) throw failure;
    const placement = await destination.placement(item, overwrite);
    if (placement === "keep") return counts.kept(item.path);
    if (!dryRun) await destination.createHardLink(item, first);
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
