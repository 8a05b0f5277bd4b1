import { asMac, EntryMatcher, MAC_BYTES, type Mac, type MatchedItem, readDirpackFrame } from "../format/index.ts";
import { type ByteString, isPlakarError } from "../foundation/index.ts";
import type { Child, DamageListener } from "./children.ts";
import { childInFrame } from "./children.ts";
import type { SnapshotItem, TakenChild } from "./item.ts";

/** Where a directory's listing is stored. */
export interface ListingBlobs {
  readonly object: Mac;
  readonly chunks: readonly Mac[];
}

/**
 * A directory's listing, read once from its beginning to its end beside another list that is sorted by name, too: so that
 * of most children nothing has to be decoded.
 */
export class ListingCursor {
  readonly directory: ByteString;
  /** Where the listing is stored; undefined where it was put together from entries. */
  readonly blobs: ListingBlobs | undefined;
  readonly bytes: Uint8Array;
  readonly #matcher: EntryMatcher;
  readonly #onDamage: NonNullable<DamageListener>;
  /** The child that `seek` found, or the next one that is looked at. */
  #start = 0;
  #end = 0;
  /** Whether the last `seek` found its child: all else is about that. */
  isFound = false;
  #entryStart = 0;
  #isDirectory = false;

  constructor(
    bytes: Uint8Array,
    directory: ByteString,
    blobs: ListingBlobs | undefined,
    onDamage: NonNullable<DamageListener>,
  ) {
    this.bytes = bytes;
    this.directory = directory;
    this.blobs = blobs;
    this.#matcher = new EntryMatcher(bytes);
    this.#onDamage = onDamage;
  }

  /** Goes on to the child of this name. Names must come in byte order. */
  seek(name: ByteString): boolean {
    this.isFound = false;
    while (this.#end > this.#start || this.#nextFrame()) {
      const order = this.#compareName(name);
      if (order >= 0) return (this.isFound = order === 0);
      this.#start = this.#end;
    }
    return false;
  }

  /** Whether the child that was found is just this item, but for its content, which only its entry tells. */
  matches(item: MatchedItem): boolean {
    if (this.#isDirectory !== (item.info.kind === "directory")) return false;
    return this.#matcher.matches(this.#entryStart, this.#end - MAC_BYTES, this.directory, item);
  }

  /** Where the MAC of the entry lies that was found. */
  get macAt(): number {
    return this.#end - MAC_BYTES;
  }

  /** Where the MAC of the content's object lies, of a file that matched. */
  get objectAt(): number {
    return this.#matcher.objectAt;
  }

  /** The child that matched, to be taken over. */
  take(item: SnapshotItem): TakenChild {
    const { contentType, entropy, chunks } = this.#matcher;
    return { item, listing: this.bytes, start: this.#start, end: this.#end, contentType, entropy, chunks };
  }

  /** The child that was found; undefined where it is damaged, which is told. */
  child(): Child | undefined {
    try {
      const entry = this.bytes.subarray(this.#entryStart, this.#end - MAC_BYTES);
      const mac = asMac(this.bytes.subarray(this.#end - MAC_BYTES, this.#end));
      return childInFrame({ isDirectory: this.#isDirectory, entry, mac }, this.directory);
    } catch (error) {
      this.#tell(error);
      return undefined;
    }
  }

  /** How the next child's name is to this one; one that cannot be understood has the least name of all. */
  #compareName(name: ByteString): number {
    const order = this.#matcher.compareName(this.#entryStart, this.#end - MAC_BYTES, this.directory, name);
    if (order !== undefined) return order;
    const own = this.child()?.entry.fileInfo.name;
    return own === undefined || own < name ? -1 : Number(own > name);
  }

  #nextFrame(): boolean {
    if (this.#start >= this.bytes.length) return false;
    try {
      const { isDirectory, entryStart, end } = readDirpackFrame(this.bytes, this.#start);
      this.#isDirectory = isDirectory;
      this.#entryStart = entryStart;
      this.#end = end;
      return true;
    } catch (error) {
      this.#tell(error);
      this.#start = this.bytes.length;
      this.#end = this.bytes.length;
      return false;
    }
  }

  #tell(error: unknown): void {
    if (!isPlakarError(error, "corrupted")) throw error;
    this.#onDamage(error);
  }
}
