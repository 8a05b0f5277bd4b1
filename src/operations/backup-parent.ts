import { encodeFileInfo, fileInfoSlice, type SnapshotId } from "../format/index.ts";
import { type ByteString, equalBytes, isPlakarError, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import {
  type BuiltSource,
  type Child,
  directoryIndex,
  fileInfoOf,
  type ListingCursor,
  listFacts,
  SnapshotView,
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
  const all = await listFacts(repository, onDamage, { vouched: false });
  const ofPlace = all.filter(({ header }) => {
    const importer = header.sources[0]?.importer;
    return importer?.directory === source.root && importer.type === source.type && importer.origin === source.origin;
  });
  const ofParts = new Set(ofPlace.filter(({ header }) => hasSameParts(repository, header, source)));
  const best = ofPlace.toSorted((a, b) => Number(ofParts.has(b)) - Number(ofParts.has(a)));
  for (const { id } of best) {
    try {
      return new ParentSnapshot(repository, await SnapshotView.open(repository, id));
    } catch (error) {
      if (!isPlakarError(error, "corrupted")) throw error;
      onDamage(id);
    }
  }
  return undefined;
}

/** What the last snapshot knows of the same tree, directory by directory. */
export class ParentSnapshot {
  readonly view: SnapshotView;
  readonly #repository: Repository;

  constructor(repository: Repository, view: SnapshotView) {
    this.#repository = repository;
    this.view = view;
    const { timestampNs, durationNs } = view.header;
    this.startedNs = timestampNs - durationNs;
  }

  /**
   * When the backup began that made it: what changed since may have other content under the same size and time. A header
   * says when it was written, and how long that took.
   */
  readonly startedNs: bigint;

  /** What the parent has of a directory, to be read beside the walk; undefined where it has nothing, or can no longer read it. */
  async listing(directory: ByteString): Promise<ListingCursor | undefined> {
    // Damage is said once, and what it hit is read anew.
    const isDamaged = (): void =>
      this.#repository.warn(`snapshot ${this.view.id.slice(0, 8)} is damaged at ${toDisplay(directory)}: run check`);
    try {
      return await this.view.listing(directory, isDamaged);
    } catch (error) {
      if (!isPlakarError(error, "corrupted")) throw error;
      isDamaged();
      return undefined;
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
    const rootNow = built.entry(root);
    if (!rootBefore || !rootNow || !equalBytes(rootBefore, rootNow)) return false;

    const below = root === "/" ? "/" : `${root}/`;
    const isOurs = (path: ByteString): boolean => path === root || path.startsWith(below);
    const { keys, macs } = built.directories();
    const ours = [...keys.keys()].filter((at) => isOurs(keys[at] as ByteString));
    const now = new Map(ours.map((at) => [keys[at] as ByteString, macs[at] as Uint8Array]));
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
