import {
  type Mac,
  type PackfileId,
  readState,
  type SnapshotId,
  WRAPPER_HEADER_BYTES,
  WRAPPER_TRAILER_BYTES,
} from "../format/index.ts";
import { BlobIndex, type BlobLocation } from "./blob-index.ts";
import { PackTable } from "./pack-table.ts";
import { type Forgotten, StateMerging, type StateNature } from "./state-merging.ts";

/**
 * The union of all state files. Merging is set-based, not ordered: a packfile that any state removes is gone, because ids
 * are never used twice and the order of sibling states is not defined. Entries of unknown kinds are kept out but counted:
 * maintenance must not delete what it does not understand (I-09).
 */
export class MergedState {
  /** State files merged so far. */
  readonly states: Set<string> = new Set();
  readonly packs: PackTable;
  readonly colouredPacks: Map<number, bigint> = new Map();
  readonly colouredSnapshots: Set<string> = new Set();
  readonly uncolouredSnapshots: Set<string> = new Set();
  /** Snapshot id to the packs that hold its header. */
  readonly headers: Map<string, number[]> = new Map();
  /** Locations that some state removes one by one; applied after all states are merged. */
  readonly forgotten: Forgotten[] = [];
  unknownEntries = 0;
  readonly blobs: BlobIndex;

  constructor(parts: { readonly packs?: PackTable; readonly blobs?: BlobIndex } = {}) {
    this.packs = parts.packs ?? new PackTable();
    this.blobs = parts.blobs ?? new BlobIndex();
  }

  /** Ids of all packs, by number. */
  get packIds(): readonly PackfileId[] {
    return this.packs.ids;
  }

  /** Merges one decoded state file; answers what it says of itself. */
  merge(stateId: string, plain: Uint8Array, version: number): StateNature {
    const merging = new StateMerging(this, stateId, (...place) => this.blobs.add(...place));
    readState(plain, version, merging.visitor);
    return merging.finish();
  }

  /** Applies what is independent of order only at the end. */
  settle(): void {
    for (const { type, mac, pack } of this.forgotten) {
      if (!this.packs.isRemoved(pack)) this.blobs.remove(type, mac, pack);
    }
    this.forgotten.length = 0;
  }

  /** Whether a pack counts for reading: it has a packfile entry and nobody removed it. */
  isReadable(pack: number): boolean {
    return this.packs.isReadable(pack);
  }

  /** A packfile with fewer bytes has lost some: its index and footer come on top. */
  leastSizeOf(pack: number): number {
    return WRAPPER_HEADER_BYTES + this.packs.endOf(pack) + WRAPPER_TRAILER_BYTES;
  }

  /** The places from which a blob may be read: uncoloured packs first. */
  readableLocations(type: number, mac: Mac): BlobLocation[] {
    const sole = this.blobs.sole(type, mac); // almost every blob has one place
    if (sole >= 0) return this.isReadable(this.blobs.packOf(sole)) ? [this.blobs.location(sole)] : [];
    const found = [...this.blobs.locations(type, mac)].filter(({ pack }) => this.isReadable(pack));
    return found.length < 2
      ? found
      : found.toSorted((a, b) => Number(this.colouredPacks.has(a.pack)) - Number(this.colouredPacks.has(b.pack)));
  }

  /** Visible snapshots in no particular order. */
  snapshots(): SnapshotId[] {
    const visible: SnapshotId[] = [];
    for (const [id, packs] of this.headers) {
      if (this.colouredSnapshots.has(id) && !this.uncolouredSnapshots.has(id)) continue;
      if (packs.some((pack) => this.isReadable(pack))) visible.push(id as SnapshotId);
    }
    return visible;
  }
}
