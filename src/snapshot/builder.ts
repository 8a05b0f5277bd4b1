import {
  asMac,
  encodeDirpackFrame,
  encodeEntry,
  encodeErrorEntry,
  encodeSummary,
  encodeXattrEntry,
  MAC_BYTES,
  type Mac,
  ResourceType,
  V1_0_0,
  type VfsSummary,
  zeroMac,
} from "../format/index.ts";
import { type ByteString, type ExtendedAttribute, equalBytes, fromText } from "../foundation/index.ts";
import { LISTING_CONTENT_TYPE, type RepositoryWriter } from "../repository/index.ts";
import type { BtreeShape } from "./btree.ts";
import { DirectoryRecords } from "./directory-records.ts";
import { entryOf } from "./entry-of.ts";
import type { BuilderChild, BuilderItem } from "./item.ts";
import { ListingWriter, type StoredListing } from "./listing-writer.ts";
import type { PairList, SortedPairs } from "./pair-list.ts";
import {
  attributeTree,
  contentTypeIndex,
  directoryIndex,
  entryTree,
  errorTree,
  indexShapes,
  summaryIndex,
} from "./shapes.ts";
import { SummaryTree } from "./summary.ts";
import { type TreePair, writeSortedTree, writeTree } from "./tree-writer.ts";

export interface BuiltSource {
  readonly root: { readonly root: Mac; readonly xattrs: Mac; readonly errors: Mac };
  readonly indexes: { readonly name: string; readonly type: string; readonly value: Mac }[];
  readonly summary: VfsSummary;
  /** MAC of the entry of a path, for comparing with another snapshot. */
  readonly entry: (path: ByteString) => Uint8Array | undefined;
  /** MAC of every directory's listing. */
  readonly directories: () => PairList;
}

/** Something that could not be read. */
interface Failure {
  readonly path: ByteString;
  readonly message: string;
}

/** Roots of the trees of an older snapshot that has the same directories and entries; undefined: it is written anew. */
export interface RootsBefore {
  readonly entries: Mac | undefined;
  readonly contentTypes: Mac | undefined;
  readonly directories: Mac | undefined;
  /** Only where nothing failed, then and now. */
  readonly summaries: { readonly root: Mac; readonly top: VfsSummary } | undefined;
}

/** Larger directories are stored here: a message would hold all of them once more. */
const MOST_ELSEWHERE = 8192;

/** Stores listings in another thread. */
export interface ListingStore {
  /** Whether it has anything to work with yet. */
  readonly isStarted: boolean;
  /** `listing` has room for the MACs of its entries. */
  storeListing(
    listing: Uint8Array,
    entries: number,
  ): Promise<{ readonly macs: Uint8Array; readonly object: Uint8Array; readonly healed: boolean }>;
}

const XATTR_EXTENDED = 1;

/**
 * Builds a snapshot's trees while the walk goes on: directories are handed in, in any order, each once its children are
 * known; `finish` writes the trees. Entries are encoded exactly as the Go implementation does (I-08), unless they are taken
 * over as they stand.
 */
export class SnapshotBuilder {
  readonly #writer: RepositoryWriter;
  readonly #elsewhere: ListingStore | undefined;
  readonly #records = new DirectoryRecords();
  readonly #attributes: TreePair[] = [];
  readonly #errors: TreePair[] = [];
  readonly #summaries = new SummaryTree();
  /** Types of content, without their parameters. */
  readonly #types: Map<string, ByteString> = new Map();
  #root: Mac | undefined;
  #isUnchanged = true;

  /** `elsewhere`: who stores directories that are new as a whole. */
  constructor(writer: RepositoryWriter, elsewhere?: ListingStore) {
    this.#writer = writer;
    this.#elsewhere = elsewhere;
  }

  /** Whether every listing so far is that of `before`, and nothing failed. */
  get isUnchanged(): boolean {
    return this.#isUnchanged && this.#errors.length === 0;
  }

  /** MAC of the entry of `/`. */
  get top(): Mac | undefined {
    return this.#root;
  }

  /** `/`, which has no parent that could carry it. */
  root(item: BuilderItem): void {
    this.#root = this.#entry(item).mac;
  }

  /**
   * A directory's children, sorted by name, and what failed in it. `before` is the listing that children were taken over
   * from, where it is stored and may be relied on: it is kept when nothing else is in it. Where it is stored by another thread,
   * that is done when the answer resolves.
   */
  directory(
    path: ByteString,
    children: readonly BuilderChild[],
    failures: readonly Failure[],
    before?: StoredListing,
  ): Promise<void> | undefined {
    this.#failed(failures);
    this.#summaries.add(path, children, failures.length);
    const mayBeElsewhere = !before && children.length > 0 && children.length <= MOST_ELSEWHERE;
    if (mayBeElsewhere && this.#elsewhere?.isStarted === true) {
      const items = children.filter((child) => !child.listing);
      if (items.length === children.length) return this.#newDirectory(this.#elsewhere, path, items);
    }
    const macs = new Uint8Array(children.length * MAC_BYTES);
    const types: (ByteString | undefined)[] = [];
    const names: ByteString[] = [];
    const listing = new ListingWriter();
    for (const [at, child] of children.entries()) {
      const item = child.listing ? child.item : child;
      const isDirectory = item.info.kind === "directory";
      let contentType: string;
      if (child.listing) {
        for (const attribute of item.extendedAttributes ?? []) this.#attribute(item.path, attribute);
        listing.take(child);
        copyMac(macs, at, child.listing, child.end - MAC_BYTES);
        contentType = child.contentType;
      } else {
        const { bytes, mac, type } = this.#entry(child);
        listing.add(encodeDirpackFrame(isDirectory, bytes, mac));
        copyMac(macs, at, mac, 0);
        contentType = type;
      }
      names.push(nameOf(item));
      types.push(isDirectory ? undefined : this.#typeOf(contentType));
    }
    const value =
      before && listing.isJust(before)
        ? before.object
        : this.#writer.putContent(listing.finish(), LISTING_CONTENT_TYPE);
    if (!before || !equalBytes(before.object, value)) this.#isUnchanged = false;
    this.#records.add({ path, names, macs, types, listing: value });
    return undefined;
  }

  /** A directory of which nothing is taken over: its entries are made here, and named, sealed and packed elsewhere. */
  async #newDirectory(elsewhere: ListingStore, path: ByteString, children: readonly BuilderItem[]): Promise<void> {
    this.#isUnchanged = false;
    const names: ByteString[] = [];
    const types: (ByteString | undefined)[] = [];
    const frames: Uint8Array[] = [];
    for (const child of children) {
      for (const attribute of child.extendedAttributes ?? []) this.#attribute(child.path, attribute);
      const entry = entryOf(child);
      const isDirectory = child.info.kind === "directory";
      const frame = encodeDirpackFrame(isDirectory, encodeEntry(entry), zeroMac);
      frames.push(frame);
      names.push(nameOf(child));
      types.push(isDirectory ? undefined : this.#typeOf(entry.contentType ?? ""));
    }
    const { macs, object, healed } = await elsewhere.storeListing(Buffer.concat(frames), children.length);
    if (healed) this.#writer.hasHealed = true;
    this.#records.add({ path, names, macs, types, listing: asMac(object) });
  }

  /** Writes all trees but those that are there already; answers what the header refers to. */
  async finish(before?: RootsBefore): Promise<BuiltSource> {
    const writer = this.#writer;
    const records = this.#records;
    const written = before?.summaries ? [] : await this.#summarize();
    const root = before?.entries ?? (await writeSortedTree(writer, records.entries(this.#root), entryTree));
    const xattrs = await writeTree(writer, this.#attributes, attributeTree);
    const errors = await writeTree(writer, this.#errors, errorTree);
    const index = (name: string, pairs: SortedPairs): Promise<Mac> =>
      writeSortedTree(writer, pairs, indexShapes[name] as BtreeShape);
    const contentTypes = before?.contentTypes ?? (await index(contentTypeIndex, records.contentTypes()));
    const directories = before?.directories ?? (await index(directoryIndex, records.directories()));
    const summaries =
      before?.summaries?.root ?? (await writeTree(writer, written, indexShapes[summaryIndex] as BtreeShape));
    return {
      root: { root, xattrs, errors },
      indexes: [
        { name: contentTypeIndex, type: "btree", value: contentTypes },
        { name: directoryIndex, type: "btree", value: directories },
        { name: summaryIndex, type: "btree", value: summaries },
      ],
      summary: before?.summaries?.top ?? this.#summaries.of("/" as ByteString),
      entry: (path) => (path === "/" ? this.#root : records.entry(path)),
      directories: () => records.directories(),
    };
  }

  async #summarize(): Promise<TreePair[]> {
    const pairs: TreePair[] = [];
    for (const [path, summary] of this.#summaries.settle()) {
      pairs.push({ key: path, value: this.#writer.put(ResourceType.vfsSummary, encodeSummary(summary)) });
      await this.#writer.breathe();
    }
    return pairs;
  }

  #entry(item: BuilderItem): { bytes: Uint8Array; mac: Mac; type: string } {
    for (const attribute of item.extendedAttributes ?? []) this.#attribute(item.path, attribute);
    const entry = entryOf(item);
    const bytes = encodeEntry(entry);
    return { bytes, mac: this.#writer.put(ResourceType.vfsEntry, bytes), type: entry.contentType ?? "" };
  }

  #typeOf(contentType: string): ByteString {
    const known = this.#types.get(contentType);
    if (known !== undefined) return known;
    const type = fromText(contentType.split(";", 1)[0] as string);
    this.#types.set(contentType, type);
    return type;
  }

  /** One record a path: attributes and content of a file may both have failed. */
  #failed(failures: readonly Failure[]): void {
    const messages = new Map<ByteString, string>();
    for (const { path, message } of failures) {
      const before = messages.get(path);
      messages.set(path, before === undefined ? message : `${before}; ${message}`);
    }
    for (const [failed, message] of messages) this.#error(failed, message);
  }

  #attribute(path: ByteString, { name, value }: ExtendedAttribute): void {
    const object = this.#writer.putContent(value, LISTING_CONTENT_TYPE);
    const record = encodeXattrEntry({ version: V1_0_0, path, name, size: value.length, type: XATTR_EXTENDED, object });
    this.#attributes.push({
      key: `${path}${name}:` as ByteString,
      value: this.#writer.put(ResourceType.xattrEntry, record),
    });
  }

  #error(path: ByteString, message: string): void {
    const record = encodeErrorEntry({ version: V1_0_0, name: path, error: message });
    this.#errors.push({ key: path, value: this.#writer.put(ResourceType.errorEntry, record) });
  }
}

function nameOf({ path, info }: Pick<BuilderItem, "path" | "info">): ByteString {
  return path === "/" ? path : info.name;
}

function copyMac(macs: Uint8Array, place: number, from: Uint8Array, at: number): void {
  const start = place * MAC_BYTES;
  for (let i = 0; i < MAC_BYTES; i++) macs[start + i] = from[at + i] as number;
}
