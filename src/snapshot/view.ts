import {
  asMac,
  decodeEntry,
  decodeErrorEntry,
  decodeHeader,
  decodeObject,
  decodeSummary,
  decodeXattrEntry,
  encodeDirpackFrame,
  type KlosetObject,
  type Mac,
  ResourceType,
  type SnapshotHeader,
  type SnapshotId,
  type VfsEntry,
  type VfsSummary,
} from "../format/index.ts";
import {
  type ByteString,
  baseName,
  corrupted,
  type ExtendedAttribute,
  isPlakarError,
  PlakarError,
  parentPath,
  toDisplay,
  toHex,
} from "../foundation/index.ts";
import type { BlobReader, Repository } from "../repository/index.ts";
import { Btree } from "./btree.ts";
import { type Child, childrenInListing, childrenInTree } from "./children.ts";
import { ListingCursor } from "./listing.ts";
import {
  attributeTree,
  contentTypeIndex,
  directoryIndex,
  entryTree,
  errorTree,
  indexShapes,
  summaryIndex,
} from "./shapes.ts";

/** What there is of a path's extended attributes, and what is wrong with the others. */
export interface PathAttributes {
  readonly values: readonly ExtendedAttribute[];
  readonly failures: readonly PlakarError[];
}

const ROOT = "/" as ByteString;
const XATTR_EXTENDED = ":";

/** One snapshot, opened for reading. Everything it answers was verified; what is missing is an error with a name. */
export class SnapshotView {
  readonly id: SnapshotId;
  readonly header: SnapshotHeader;
  readonly entries: Btree;
  readonly attributes: Btree;
  readonly errors: Btree;
  readonly indexes: ReadonlyMap<string, Btree>;
  readonly #reader: BlobReader;

  private constructor(reader: BlobReader, id: SnapshotId, header: SnapshotHeader) {
    this.#reader = reader;
    this.id = id;
    this.header = header;
    const [source] = header.sources;
    if (!source) throw corrupted("snapshot-damaged", `snapshot ${id.slice(0, 8)} has no source`);
    this.entries = new Btree(reader, source.root.root, entryTree);
    this.attributes = new Btree(reader, source.root.xattrs, attributeTree);
    this.errors = new Btree(reader, source.root.errors, errorTree);
    const indexes = new Map<string, Btree>();
    for (const { name, value } of source.indexes) {
      const shape = indexShapes[name];
      if (shape) indexes.set(name, new Btree(reader, value, shape));
    }
    this.indexes = indexes;
  }

  static async open(repository: Repository, id: SnapshotId): Promise<SnapshotView> {
    const what = `snapshot ${id.slice(0, 8)}`;
    const bytes = await repository.reader.read(ResourceType.snapshot, asMac(Buffer.from(id, "hex")), what);
    const header = await decodeOrFindDamage(repository, id, bytes);
    // The header's blob is not addressed by its MAC; its own identifier binds it to the id.
    if (toHex(header.identifier) !== id) throw corrupted("snapshot-damaged", `${what} bears another id`);
    return new SnapshotView(repository.reader, id, header);
  }

  /** The directory that was backed up. */
  get root(): ByteString {
    return (this.header.sources[0]?.importer.directory ?? "/") as ByteString;
  }

  /** Whether it was saved from the file system of Windows, where no name has a backslash, and paths begin with drives. */
  get isOfWindows(): boolean {
    const isOnWindows = this.header.context?.some(({ key, value }) => key === "OperatingSystem" && value === "windows");
    return (
      (isOnWindows === true && this.header.sources[0]?.importer.type === "fs") || /^\/[A-Z]:(\/|$)/.test(this.root)
    );
  }

  /** The entry of a path. Fails with kind `missing`, code `path-not-found`. */
  async entry(path: ByteString): Promise<VfsEntry> {
    const found = await this.find(path);
    if (found) return found;
    throw new PlakarError("path-not-found", `${toDisplay(path)} is not in snapshot ${this.id.slice(0, 8)}`, {
      kind: "missing",
      advice: `List what is: plakar ls ${this.id.slice(0, 8)}:${toDisplay(parentPath(path))}`,
    });
  }

  async find(path: ByteString): Promise<VfsEntry | undefined> {
    const mac = await this.entries.get(path);
    if (!mac) return undefined;
    const entry = decodeEntry(await this.#reader.read(ResourceType.vfsEntry, mac, `the entry of ${toDisplay(path)}`));
    if (path !== ROOT && (entry.fileInfo.name !== baseName(path) || entry.parentPath !== parentPath(path))) {
      throw corrupted("entry-misplaced", `the entry of ${toDisplay(path)} is that of another path`);
    }
    return entry;
  }

  /**
   * What a directory holds, sorted by name: from its dirpack, or entry by entry in snapshots of before there were any.
   * A directory without a dirpack is damage, never an empty directory. A child that cannot be understood is handed to
   * `onDamage`, and the others are answered; without `onDamage` it fails the whole.
   */
  async children(directory: ByteString, onDamage?: (error: PlakarError) => void): Promise<Child[]> {
    const mac = await this.listingMac(directory);
    if (!mac) return childrenInTree(this.entries, this.#reader, directory, onDamage);
    const what = `the contents of ${toDisplay(directory)}`;
    const listing = await this.smallContent(await this.object(mac, what), what);
    return childrenInListing(listing, directory, onDamage);
  }

  /** What a directory's dirpack is stored under; undefined in snapshots of before there were any. Fails where it is missing. */
  async listingMac(directory: ByteString): Promise<Mac | undefined> {
    const index = this.indexes.get(directoryIndex);
    if (!index) return undefined;
    const mac = await index.get(directory);
    if (!mac) throw corrupted("directory-missing", `the contents of ${toDisplay(directory)} are missing`);
    return mac;
  }

  /**
   * The same for reading beside a walk; undefined where the snapshot does not have the directory. Damage of single children
   * is handed to `onDamage`; where there is nothing to read it is thrown.
   */
  async listing(directory: ByteString, onDamage: (error: PlakarError) => void): Promise<ListingCursor | undefined> {
    const index = this.indexes.get(directoryIndex);
    const what = `the contents of ${toDisplay(directory)}`;
    if (!index) {
      const children = await childrenInTree(this.entries, this.#reader, directory, onDamage);
      const frames = children.map(({ isDirectory, bytes, mac }) => encodeDirpackFrame(isDirectory, bytes, mac));
      return new ListingCursor(Buffer.concat(frames), directory, undefined, onDamage);
    }
    const mac = await index.get(directory);
    if (!mac) return undefined;
    const object = await this.object(mac, what);
    const blobs = { object: mac, chunks: object.chunks.map((chunk) => chunk.mac) };
    return new ListingCursor(await this.smallContent(object, what), directory, blobs, onDamage);
  }

  async object(mac: Mac, what: string): Promise<KlosetObject> {
    return this.objectOf(mac, () => what);
  }

  /** As `object`, with a name that is asked for only when something is wrong. */
  objectOf(mac: Mac, what: () => string): Promise<KlosetObject> {
    return this.#reader.decode(ResourceType.object, mac, () => `the object of ${what()}`, decodeObject);
  }

  /** An object's content, chunk by chunk; each is verified before it is yielded. */
  async *content(object: KlosetObject, what: string): AsyncGenerator<Uint8Array> {
    for (const chunk of object.chunks) {
      const bytes = await this.#reader.read(ResourceType.chunk, chunk.mac, `a part of ${what}`);
      if (bytes.length !== chunk.length)
        throw corrupted("chunk-length", `a part of ${what} has another length than recorded`);
      yield bytes;
    }
  }

  /** The whole content of a small object: a dirpack, an attribute's value. */
  async smallContent(object: KlosetObject, what: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.content(object, what)) parts.push(part);
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  /**
   * A path's extended attributes, by the names its entry lists. One that fails stands for itself: kind `corrupted` where
   * the store has lost it, code `attribute-not-kept` (kind missing) where the snapshot's sound tree never had it, as
   * snapshots of the Go implementation that hold several attributes of a file may.
   */
  async attributesOf(path: ByteString, names: readonly ByteString[]): Promise<PathAttributes> {
    const values: { name: ByteString; value: Uint8Array }[] = [];
    const failures: PlakarError[] = [];
    for (const name of names) {
      try {
        values.push({ name, value: await this.#attribute(path, name) });
      } catch (error) {
        if (!isPlakarError(error, "corrupted") && !isPlakarError(error, "missing")) throw error;
        failures.push(error);
      }
    }
    return { values, failures };
  }

  async #attribute(path: ByteString, name: ByteString): Promise<Uint8Array> {
    const what = `attribute ${toDisplay(name)} of ${toDisplay(path)}`;
    const mac = await this.attributes.get((path + name + XATTR_EXTENDED) as ByteString);
    if (!mac) throw new PlakarError("attribute-not-kept", `${what} is not in the snapshot`, { kind: "missing" });
    const record = decodeXattrEntry(await this.#reader.read(ResourceType.xattrEntry, mac, what));
    return this.smallContent(await this.object(record.object, what), what);
  }

  /** What could not be read when the snapshot was taken. Records that are damaged are handed to `onDamage`, or thrown. */
  async *failures(
    onDamage?: (path: ByteString, error: unknown) => void,
  ): AsyncGenerator<{ path: ByteString; message: string }> {
    for await (const { key, value } of this.errors.scan()) {
      try {
        yield { path: key, message: await this.#failure(key, value) };
      } catch (error) {
        if (!onDamage) throw error;
        onDamage(key, error);
      }
    }
  }

  /** Whether something could not be read when the snapshot was taken. */
  async isPartial(): Promise<boolean> {
    for await (const _failure of this.failures()) return true;
    return false;
  }

  async #failure(path: ByteString, mac: Mac): Promise<string> {
    const what = `the error of ${toDisplay(path)}`;
    return decodeErrorEntry(await this.#reader.read(ResourceType.errorEntry, mac, what)).error;
  }

  /** Counts and sizes of a directory, where the snapshot has them. */
  async summary(directory: ByteString): Promise<VfsSummary | undefined> {
    const mac = await this.indexes.get(summaryIndex)?.get(directory);
    if (!mac) return undefined;
    return decodeSummary(
      await this.#reader.read(ResourceType.vfsSummary, mac, `the summary of ${toDisplay(directory)}`),
    );
  }

  /** Names of indexes that this version does not know: maintenance must keep its hands off. */
  get unknownIndexes(): string[] {
    const known = [contentTypeIndex, directoryIndex, summaryIndex];
    return (this.header.sources[0]?.indexes ?? []).map(({ name }) => name).filter((name) => !known.includes(name));
  }
}

/** A flipped bit in a header that nothing guards may look like a version of the future. */
async function decodeOrFindDamage(repository: Repository, id: SnapshotId, bytes: Uint8Array): Promise<SnapshotHeader> {
  try {
    return decodeHeader(bytes);
  } catch (error) {
    if (!isPlakarError(error, "newer")) throw error;
    throw (await repository.headerProblem(id)) ?? error;
  }
}
