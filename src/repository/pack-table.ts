import type { PackfileId } from "../format/index.ts";
import { corrupted, toHex } from "../foundation/index.ts";

const MAX_PACKS = 1 << 24;
const ID_BYTES = 32;
const INITIAL_PACKS = 64;
const KNOWN = 1;
const REMOVED = 2;

/** What the cache keeps of packs: a column each. */
export interface PackColumns {
  /** 32 bytes each. */
  readonly ids: Uint8Array;
  readonly flags: Uint8Array;
  readonly extents: Float64Array;
  readonly ends: Float64Array;
}

/** Packfiles by number, in columns: a hundred thousand of them take no more than 6 MB, and no time to load. */
export class PackTable {
  #ids: Uint8Array = new Uint8Array(INITIAL_PACKS * ID_BYTES);
  #flags: Uint8Array = new Uint8Array(INITIAL_PACKS);
  #extents: Float64Array = new Float64Array(INITIAL_PACKS);
  #ends: Float64Array = new Float64Array(INITIAL_PACKS);
  #count = 0;
  /** Numbers + 1 by the first bytes of ids, open addressing; empty until somebody asks for a number. */
  #slots: Int32Array = new Int32Array(0);
  #names: PackfileId[] = [];
  #last = 0;

  static fromColumns({ ids, flags, extents, ends }: PackColumns): PackTable {
    const table = new PackTable();
    table.#ids = ids;
    table.#flags = flags;
    table.#extents = extents;
    table.#ends = ends;
    table.#count = flags.length;
    return table;
  }

  get columns(): PackColumns {
    return {
      ids: this.#ids.subarray(0, this.#count * ID_BYTES),
      flags: this.#flags.subarray(0, this.#count),
      extents: this.#extents.subarray(0, this.#count),
      ends: this.#ends.subarray(0, this.#count),
    };
  }

  get count(): number {
    return this.#count;
  }

  /** All ids, by number. */
  get ids(): readonly PackfileId[] {
    for (let pack = this.#names.length; pack < this.#count; pack++) this.#names.push(this.idOf(pack));
    return this.#names;
  }

  idOf(pack: number): PackfileId {
    return (this.#names[pack] ?? toHex(this.#ids.subarray(pack * ID_BYTES, (pack + 1) * ID_BYTES))) as PackfileId;
  }

  /** The number of the pack whose id is read at `at`: a new one for a new id. */
  numberAt(bytes: Uint8Array, at: number): number {
    // the blobs of a pack are named one after the other
    if (this.#count > 0 && this.#isIdOf(this.#last, bytes, at)) return this.#last;
    if (this.#slots.length === 0) this.#makeSlots();
    const slot = this.#slotOf(bytes, at);
    const found = (this.#slots[slot] as number) - 1;
    this.#last = found >= 0 ? found : this.#add(bytes, at, slot);
    return this.#last;
  }

  /** The number of the pack with this id; undefined when there is none. */
  find(id: string): number | undefined {
    if (this.#slots.length === 0) this.#makeSlots();
    const found = (this.#slots[this.#slotOf(Buffer.from(id, "hex"), 0)] as number) - 1;
    return found < 0 ? undefined : found;
  }

  /** Notes where the blobs of a pack end: all of them, and those that are not padding. */
  extend(pack: number, end: number, extent: number): void {
    this.#ends[pack] = Math.max(this.#ends[pack] as number, end);
    this.#extents[pack] = Math.max(this.#extents[pack] as number, extent);
  }

  /** End of the last blob in a pack: a file shorter than this has lost something. */
  extentOf(pack: number): number {
    return this.#extents[pack] ?? 0;
  }

  /** The same with the padding that its writer put behind them. */
  endOf(pack: number): number {
    return this.#ends[pack] ?? 0;
  }

  /** A packfile entry names it: others are invisible. */
  setKnown(pack: number): void {
    this.#flags[pack] = (this.#flags[pack] as number) | KNOWN;
  }

  setRemoved(pack: number): void {
    this.#flags[pack] = (this.#flags[pack] as number) | REMOVED;
  }

  isKnown(pack: number): boolean {
    return ((this.#flags[pack] as number) & KNOWN) !== 0;
  }

  isRemoved(pack: number): boolean {
    return ((this.#flags[pack] as number) & REMOVED) !== 0;
  }

  /** Whether a pack counts for reading: it has a packfile entry and nobody removed it. */
  isReadable(pack: number): boolean {
    return this.#flags[pack] === KNOWN;
  }

  #add(bytes: Uint8Array, at: number, slot: number): number {
    const number = this.#count;
    if (number >= MAX_PACKS) throw corrupted("too-many-packfiles", `the store names more than ${MAX_PACKS} packfiles`);
    if (number === this.#flags.length) this.#grow();
    this.#ids.set(bytes.subarray(at, at + ID_BYTES), number * ID_BYTES);
    this.#count++;
    this.#slots[slot] = number + 1;
    if (this.#count * 2 > this.#slots.length) this.#makeSlots();
    return number;
  }

  #grow(): void {
    const capacity = Math.max(INITIAL_PACKS, this.#flags.length * 2);
    const ids = new Uint8Array(capacity * ID_BYTES);
    ids.set(this.#ids);
    const flags = new Uint8Array(capacity);
    flags.set(this.#flags);
    const extents = new Float64Array(capacity);
    extents.set(this.#extents);
    const ends = new Float64Array(capacity);
    ends.set(this.#ends);
    this.#ids = ids;
    this.#flags = flags;
    this.#extents = extents;
    this.#ends = ends;
  }

  #makeSlots(): void {
    let length = 256;
    while (length < this.#count * 4) length *= 2;
    this.#slots = new Int32Array(length);
    for (let pack = 0; pack < this.#count; pack++) this.#slots[this.#slotOf(this.#ids, pack * ID_BYTES)] = pack + 1;
  }

  /** Where an id is, or would be. */
  #slotOf(bytes: Uint8Array, at: number): number {
    const mask = this.#slots.length - 1;
    const hash =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const pack = (this.#slots[slot] as number) - 1;
      if (pack < 0 || this.#isIdOf(pack, bytes, at)) return slot;
    }
  }

  #isIdOf(pack: number, bytes: Uint8Array, at: number): boolean {
    const start = pack * ID_BYTES;
    for (let i = 0; i < ID_BYTES; i++) if (this.#ids[start + i] !== bytes[at + i]) return false;
    return true;
  }
}
