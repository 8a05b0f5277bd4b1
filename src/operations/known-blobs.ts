import { type Mac, ResourceType } from "../format/index.ts";
import { type ByteString, isPlakarError, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import type { Child, FileContent, ListingCursor, StoredListing } from "../snapshot/index.ts";
import type { SourceItem } from "../source/index.ts";
import { hasSameInfo, type ParentSnapshot } from "./backup-parent.ts";

/** What may be taken over from the parent: all its blobs must lie in packs that are still there. */
export class KnownBlobs {
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
      (_, pack) => trusted[pack] === 1 || state.packs.extentOf(pack) === 0 || state.packs.isRemoved(pack),
    );
  }

  /** The content of an unchanged file, or undefined when the file has to be read. */
  async reuse(item: SourceItem, before: Child | undefined, parent: ParentSnapshot): Promise<FileContent | undefined> {
    if (!before || before.isDirectory || item.info.kind !== "file" || !isSettled(item, parent)) return undefined;
    if (!hasSameInfo(item, before)) return undefined;
    const { object, contentType, entropy, chunks } = before.entry;
    // Snapshots of old versions lack these; such a file is read once more and is complete from then on.
    if (contentType === undefined || chunks === undefined) return undefined;
    if (!(await this.#hasContent(object, item.path, parent))) return undefined;
    return { object, contentType, entropy: entropy ?? 0, chunks };
  }

  /**
   * Whether the entry that the cursor found may be taken over for an item that it matches, without a look at the chunks of
   * its content. Where it may not, the entry is made and stored anew, and a file's content is looked at as a whole.
   */
  hasMatched({ bytes, macAt, objectAt }: ListingCursor, item: SourceItem, parent: ParentSnapshot): boolean {
    if (!this.has(ResourceType.vfsEntry, bytes, macAt)) return false;
    if (item.info.kind !== "file") return true;
    return isSettled(item, parent) && this.#allTrusted && this.has(ResourceType.object, bytes, objectAt);
  }

  /** The listing of a cursor where it is stored as a whole, and may be referred to. */
  listing({ blobs, bytes }: ListingCursor): StoredListing | undefined {
    if (!blobs || !this.has(ResourceType.object, blobs.object)) return undefined;
    if (!blobs.chunks.every((chunk) => this.has(ResourceType.chunk, chunk))) return undefined;
    return { object: blobs.object, bytes };
  }

  /** Whether the store has a blob in a packfile that may be relied on. The MAC is read at `at` of `mac`. */
  has(type: number, mac: Uint8Array, at = 0): boolean {
    return this.#repository.state.blobs.has(type, mac, this.#trusted, at);
  }

  async #hasContent(object: Mac, path: ByteString, { view }: ParentSnapshot): Promise<boolean> {
    const isThere =
      this.has(ResourceType.object, object) && (this.#allTrusted || (await this.#hasAllChunks(object, path, view)));
    if (!isThere) this.hasLost = true;
    return isThere;
  }

  async #hasAllChunks(object: Mac, path: ByteString, view: ParentSnapshot["view"]): Promise<boolean> {
    try {
      const { chunks } = await view.object(object, toDisplay(path));
      return chunks.every(({ mac }) => this.has(ResourceType.chunk, mac));
    } catch (error) {
      if (isPlakarError(error, "corrupted")) return false;
      throw error;
    }
  }
}

/** Not changed since the parent's backup began: what changed since may have other content under the same size and time. */
function isSettled({ changedNs }: SourceItem, { startedNs }: ParentSnapshot): boolean {
  return changedNs === undefined || changedNs < startedNs;
}
