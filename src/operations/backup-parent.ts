import { encodeFileInfo, fileInfoSlice, type Mac, ResourceType, type SnapshotId } from "../format/index.ts";
import { type ByteString, equalBytes, isPlakarError, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import {
  type BuiltSource,
  type Child,
  directoryIndex,
  type FileContent,
  fileInfoOf,
  openSnapshots,
  type SnapshotView,
} from "../snapshot/index.ts";
import type { Source, SourceItem } from "../source/index.ts";
import { hasSameParts } from "./source-parts.ts";

/**
 * The newest snapshot of the same root, type and origin, which the Go implementation takes as parent, too; better one of the
 * same paths, for two backups of different parts of `/` have no file in common.
 */
export async function findParent(repository: Repository, source: Source): Promise<ParentSnapshot | undefined> {
  const onDamage = (id: SnapshotId): void => repository.warn(`snapshot ${id.slice(0, 8)} is damaged: run check`);
  // a wrong parent costs time and nothing else: every entry is compared
  const views = await openSnapshots(repository, onDamage, { vouched: false });
  const ofPlace = views.filter((candidate) => {
    const importer = candidate.header.sources[0]?.importer;
    return importer?.directory === source.root && importer.type === source.type && importer.origin === source.origin;
  });
  const view = ofPlace.find(({ header }) => hasSameParts(repository, header, source)) ?? ofPlace[0];
  return view && new ParentSnapshot(repository, view);
}

/** What the last snapshot knows of the same tree, directory by directory. */
export class ParentSnapshot {
  readonly view: SnapshotView;
  readonly #repository: Repository;

  constructor(repository: Repository, view: SnapshotView) {
    this.#repository = repository;
    this.view = view;
  }

  /**
   * When the backup began that made it: what changed since may have other content under the same size and time. A header
   * says when it was written, and how long that took.
   */
  get startedNs(): bigint {
    const { timestampNs, durationNs } = this.view.header;
    return timestampNs - durationNs;
  }

  /** The children of a directory by name; empty when the parent does not have it or can no longer read it. */
  async children(directory: ByteString): Promise<Map<ByteString, Child>> {
    try {
      const children = await this.view.children(directory);
      return new Map(children.map((child) => [child.entry.fileInfo.name, child]));
    } catch (error) {
      // New directories are not in the parent; damage is said once, and its files are read anew.
      if (!isPlakarError(error, "corrupted")) throw error;
      if (error.code !== "directory-missing") {
        this.#repository.warn(`snapshot ${this.view.id.slice(0, 8)} is damaged at ${toDisplay(directory)}: run check`);
      }
      return new Map();
    }
  }

  /**
   * Whether the source is as it was: the root's entry, every directory at or below it, attributes and errors. What lies
   * above the root (the time of /tmp, say) is not the user's subject.
   */
  async isSameAs(built: BuiltSource): Promise<boolean> {
    const before = this.view.header.sources[0]?.root;
    const index = this.view.indexes.get(directoryIndex);
    if (!before || !index) return false;
    if (!equalBytes(before.xattrs, built.root.xattrs) || !equalBytes(before.errors, built.root.errors)) return false;
    const { root } = this.view;
    const rootBefore = await this.view.entries.get(root);
    const rootNow = built.entries.find(({ key }) => key === root)?.value;
    if (!rootBefore || !rootNow || !equalBytes(rootBefore, rootNow)) return false;

    const below = root === "/" ? "/" : `${root}/`;
    const isOurs = (path: ByteString): boolean => path === root || path.startsWith(below);
    const now = new Map(built.directories.filter(({ key }) => isOurs(key)).map(({ key, value }) => [key, value]));
    let seen = 0;
    for await (const { key, value } of index.scan(root)) {
      if (!isOurs(key)) continue;
      const listing = now.get(key);
      if (!listing || !equalBytes(listing, value)) return false;
      seen++;
    }
    return seen === now.size;
  }
}

/** Whether size, time, owner and all else that an entry says of a file are as they were. */
export function hasSameInfo({ path, info }: Pick<SourceItem, "path" | "info">, before: Child): boolean {
  return equalBytes(encodeFileInfo(fileInfoOf(path, info)), fileInfoSlice(before.bytes));
}

/** Which contents may be taken over: all their blobs must lie in packs that are still there. */
export class KnownContent {
  readonly #repository: Repository;
  readonly #trusted: Uint8Array;
  /** When every pack of the store is whole, one look at the object is enough. */
  readonly #allTrusted: boolean;
  /** Whether a file had to be read because its content was lost. */
  hasLost = false;

  constructor(repository: Repository, trusted: Uint8Array) {
    this.#repository = repository;
    this.#trusted = trusted;
    const { state } = repository;
    this.#allTrusted = state.packIds.every(
      (_, pack) => trusted[pack] === 1 || !state.extents[pack] || state.removedPacks.has(pack),
    );
  }

  /** The content of an unchanged file, or undefined when the file has to be read. */
  async reuse(
    { path, info, changedNs }: SourceItem,
    before: Child | undefined,
    { view, startedNs }: ParentSnapshot,
  ): Promise<FileContent | undefined> {
    if (!before || before.isDirectory || info.kind !== "file") return undefined;
    if (changedNs !== undefined && changedNs >= startedNs) return undefined;
    if (!hasSameInfo({ path, info }, before)) return undefined;
    const { object, contentType, entropy, chunks } = before.entry;
    // Snapshots of old versions lack these; such a file is read once more and is complete from then on.
    if (contentType === undefined || chunks === undefined) return undefined;
    const isThere =
      this.#has(ResourceType.object, object) && (this.#allTrusted || (await this.#hasAllChunks(view, object, path)));
    if (!isThere) {
      this.hasLost = true;
      return undefined;
    }
    return { object, contentType, entropy: entropy ?? 0, chunks };
  }

  #has(type: number, mac: Mac): boolean {
    return this.#repository.state.blobs.has(type, mac, this.#trusted);
  }

  async #hasAllChunks(view: SnapshotView, object: Mac, path: ByteString): Promise<boolean> {
    try {
      const { chunks } = await view.object(object, toDisplay(path));
      return chunks.every(({ mac }) => this.#has(ResourceType.chunk, mac));
    } catch (error) {
      if (isPlakarError(error, "corrupted")) return false;
      throw error;
    }
  }
}
