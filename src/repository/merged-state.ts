import {
  type Mac,
  type PackfileId,
  ResourceType,
  readState,
  type SnapshotId,
  WRAPPER_HEADER_BYTES,
  WRAPPER_TRAILER_BYTES,
} from "../format/index.ts";
import { corrupted, toHex } from "../foundation/index.ts";
import { BlobIndex, type BlobLocation } from "./blob-index.ts";

const MAX_PACKS = 1 << 24;

/** What a state file says of itself. */
export interface StateNature {
  /** The states that it says it is: one where it adds packfiles, else none. */
  readonly said: ReadonlySet<string>;
  /** It removes snapshots and does nothing else, as the states of `rm`. */
  readonly removesOnly: boolean;
}

/**
 * The union of all state files. Merging is set-based, not ordered: a packfile that any state removes is gone, because ids
 * are never used twice and the order of sibling states is not defined. Entries of unknown kinds are kept out but counted:
 * maintenance must not delete what it does not understand (I-09).
 */
export class MergedState {
  /** State files merged so far. */
  readonly states: Set<string> = new Set();
  readonly packIds: PackfileId[] = [];
  readonly #packNumbers: Map<string, number> = new Map();
  /** Packs with a packfile entry; others are invisible. */
  readonly knownPacks: Set<number> = new Set();
  readonly removedPacks: Set<number> = new Set();
  readonly colouredPacks: Map<number, bigint> = new Map();
  readonly colouredSnapshots: Set<string> = new Set();
  readonly uncolouredSnapshots: Set<string> = new Set();
  /** Snapshot id to the packs that hold its header. */
  readonly headers: Map<string, number[]> = new Map();
  /** End of the last blob in each pack: a file shorter than this has lost something. */
  readonly extents: number[] = [];
  /** The same with the padding that its writer put behind them. */
  readonly ends: number[] = [];
  unknownEntries = 0;
  blobs: BlobIndex = new BlobIndex();

  /** Merges one decoded state file; answers what it says of itself. */
  merge(stateId: string, plain: Uint8Array, version: number): StateNature {
    const said = new Set<string>();
    let removals = 0;
    let others = 0;
    const forgotten: { type: number; mac: Mac; pack: number }[] = [];
    readState(plain, version, {
      location: (type, _version, bytes, macAt, packfileAt, offset, length) => {
        others++;
        this.addLocation(type, bytes, macAt, this.packNumber(bytes, packfileAt), offset, length);
      },
      packfile: (entry) => {
        others++;
        this.knownPacks.add(this.packNumber(entry.packfile, 0));
        said.add(toHex(entry.state));
      },
      coloured: (entry) => {
        if (entry.type === ResourceType.snapshot) {
          removals++;
          this.colouredSnapshots.add(toHex(entry.id));
          return;
        }
        others++;
        if (entry.type === ResourceType.packfile) this.#colour(this.packNumber(entry.id, 0), entry.timestampNs);
        else this.unknownEntries++;
      },
      delete: (entry) => {
        others++;
        if (entry.deletedKind === 4) this.removedPacks.add(this.packNumber(entry.packfile, 0));
        else if (entry.deletedKind === 2) {
          forgotten.push({ type: entry.type, mac: entry.mac, pack: this.packNumber(entry.packfile, 0) });
        } else if (entry.deletedKind === 3 && entry.type === ResourceType.snapshot) {
          this.uncolouredSnapshots.add(toHex(entry.mac));
        }
        // A pack that was coloured and then not: it stays untrusted for deduplication, which is safe in any order.
      },
      unknown: () => {
        others++;
        this.unknownEntries++;
      },
    });
    for (const { type, mac, pack } of forgotten) this.forgotten.push({ type, mac, pack });
    this.states.add(stateId);
    return { said, removesOnly: removals > 0 && others === 0 };
  }

  /** Locations that some state removes one by one; applied after all states are merged. */
  readonly forgotten: { type: number; mac: Mac; pack: number }[] = [];

  /** Applies what is independent of order only at the end. */
  settle(): void {
    for (const { type, mac, pack } of this.forgotten) {
      if (!this.removedPacks.has(pack)) this.blobs.remove(type, mac, pack);
    }
  }

  addLocation(type: number, bytes: Uint8Array, macAt: number, pack: number, offset: number, length: number): void {
    this.ends[pack] = Math.max(this.ends[pack] ?? 0, offset + length);
    if (type === ResourceType.padding) return;
    this.blobs.add(type, bytes, macAt, pack, offset, length);
    this.extents[pack] = Math.max(this.extents[pack] ?? 0, offset + length);
    if (type !== ResourceType.snapshot) return;
    const id = toHex(bytes.subarray(macAt, macAt + 32));
    const packs = this.headers.get(id);
    if (!packs) this.headers.set(id, [pack]);
    else if (!packs.includes(pack)) packs.push(pack);
  }

  packNumber(bytes: Uint8Array, at: number): number {
    const id = toHex(bytes.subarray(at, at + 32));
    const known = this.#packNumbers.get(id);
    if (known !== undefined) return known;
    const number = this.packIds.length;
    if (number >= MAX_PACKS) throw corrupted("too-many-packfiles", `the store names more than ${MAX_PACKS} packfiles`);
    this.packIds.push(id as PackfileId);
    this.#packNumbers.set(id, number);
    return number;
  }

  /** Whether a pack counts for reading: it has a packfile entry and nobody removed it. */
  isReadable(pack: number): boolean {
    return this.knownPacks.has(pack) && !this.removedPacks.has(pack);
  }

  /** A packfile with fewer bytes has lost some: its index and footer come on top. */
  leastSizeOf(pack: number): number {
    return WRAPPER_HEADER_BYTES + (this.ends[pack] ?? 0) + WRAPPER_TRAILER_BYTES;
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

  #colour(pack: number, timestampNs: bigint): void {
    if (!this.colouredPacks.has(pack)) this.colouredPacks.set(pack, timestampNs);
  }
}
