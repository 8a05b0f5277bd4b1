import { type Mac, ResourceType, type StateVisitor } from "../format/index.ts";
import { toHex } from "../foundation/index.ts";
import type { PackTable } from "./pack-table.ts";

/** What a state file says of itself. */
export interface StateNature {
  /** The states that it says it is: one where it adds packfiles, else none. */
  readonly said: ReadonlySet<string>;
  /** It removes snapshots and does nothing else, as the states of `rm`. */
  readonly removesOnly: boolean;
}

/** Takes the place of a blob: type, where the MAC is, pack, offset, length. */
export type AddPlace = (
  type: number,
  bytes: Uint8Array,
  macAt: number,
  pack: number,
  offset: number,
  length: number,
) => void;

/** A location that a state removes. */
export interface Forgotten {
  readonly type: number;
  readonly mac: Mac;
  readonly pack: number;
}

/** What a state is merged into. */
export interface MergeTarget {
  readonly states: Set<string>;
  readonly packs: PackTable;
  readonly colouredPacks: Map<number, bigint>;
  readonly colouredSnapshots: Set<string>;
  readonly uncolouredSnapshots: Set<string>;
  readonly headers: Map<string, number[]>;
  readonly forgotten: Forgotten[];
  unknownEntries: number;
}

interface Header {
  readonly id: string;
  readonly pack: number;
}

/**
 * One state on its way into the merged one. Places of blobs are handed on as they come; everything else is held back until
 * `finish`, so that a state which turns out to be damaged leaves nothing but numbers for packs that nobody knows.
 */
export class StateMerging {
  readonly visitor: StateVisitor;
  readonly #state: MergeTarget;
  readonly #id: string;
  readonly #said: Set<string> = new Set();
  readonly #headers: Header[] = [];
  readonly #ends: Map<number, { end: number; extent: number }> = new Map();
  readonly #rest: (() => void)[] = [];
  #removals = 0;
  #others = 0;

  constructor(state: MergeTarget, id: string, add: AddPlace) {
    this.#state = state;
    this.#id = id;
    const { packs } = state;
    let lastPack = -1;
    let last = { end: 0, extent: 0 };
    this.visitor = {
      location: (type, _version, bytes, macAt, packfileAt, offset, length) => {
        this.#others++;
        const pack = packs.numberAt(bytes, packfileAt);
        if (pack !== lastPack) {
          last = this.#ends.get(pack) ?? { end: 0, extent: 0 };
          this.#ends.set((lastPack = pack), last);
        }
        const end = offset + length;
        if (end > last.end) last.end = end;
        if (type === ResourceType.padding) return;
        if (end > last.extent) last.extent = end;
        add(type, bytes, macAt, pack, offset, length);
        if (type === ResourceType.snapshot) this.#headers.push({ id: toHex(bytes.subarray(macAt, macAt + 32)), pack });
      },
      packfile: (entry) => {
        this.#others++;
        const pack = packs.numberAt(entry.packfile, 0);
        this.#rest.push(() => packs.setKnown(pack));
        this.#said.add(toHex(entry.state));
      },
      coloured: (entry) => {
        if (entry.type === ResourceType.snapshot) this.#removals++;
        else this.#others++;
        this.#rest.push(() => this.#colour(entry));
      },
      delete: (entry) => {
        this.#others++;
        this.#rest.push(() => this.#delete(entry));
      },
      unknown: () => {
        this.#others++;
        this.#rest.push(() => state.unknownEntries++);
      },
    };
  }

  /** Whether it has removed snapshots so far, and done nothing else. */
  get removesOnly(): boolean {
    return this.#removals > 0 && this.#others === 0;
  }

  /** Whether it has done something else than to remove snapshots. */
  get doesMore(): boolean {
    return this.#others > 0;
  }

  /** From now on the state counts. */
  finish(): StateNature {
    const { packs, headers, states } = this.#state;
    for (const [pack, { end, extent }] of this.#ends) packs.extend(pack, end, extent);
    for (const { id, pack } of this.#headers) {
      const known = headers.get(id);
      if (!known) headers.set(id, [pack]);
      else if (!known.includes(pack)) known.push(pack);
    }
    for (const apply of this.#rest) apply();
    states.add(this.#id);
    return { said: this.#said, removesOnly: this.removesOnly };
  }

  #colour({ type, id, timestampNs }: Parameters<NonNullable<StateVisitor["coloured"]>>[0]): void {
    const state = this.#state;
    if (type === ResourceType.snapshot) state.colouredSnapshots.add(toHex(id));
    else if (type !== ResourceType.packfile) state.unknownEntries++;
    else {
      const pack = state.packs.numberAt(id, 0);
      if (!state.colouredPacks.has(pack)) state.colouredPacks.set(pack, timestampNs);
    }
  }

  #delete({ deletedKind, type, mac, packfile }: Parameters<NonNullable<StateVisitor["delete"]>>[0]): void {
    const state = this.#state;
    if (deletedKind === 4) state.packs.setRemoved(state.packs.numberAt(packfile, 0));
    else if (deletedKind === 2) state.forgotten.push({ type, mac, pack: state.packs.numberAt(packfile, 0) });
    else if (deletedKind === 3 && type === ResourceType.snapshot) state.uncolouredSnapshots.add(toHex(mac));
    // A pack that was coloured and then not: it stays untrusted for deduplication, which is safe in any order.
  }
}
