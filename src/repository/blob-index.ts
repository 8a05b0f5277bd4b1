import type { Mac } from "../format/index.ts";
import { PlakarError } from "../foundation/index.ts";
import { BlobBase, type SharedBlobBase } from "./blob-base.ts";
import type { BuiltBase } from "./blob-base-writer.ts";
import { mergeToBase } from "./blob-merge.ts";
import { BlobSpill } from "./blob-spill.ts";
import { type BlobLocation, BlobTable, type SharedBlobTable } from "./blob-table.ts";

export type { BlobLocation } from "./blob-table.ts";

/** What a worker needs to look up blobs: shared memory, read-only while workers hold it. */
export interface SharedBlobIndex {
  readonly table: SharedBlobTable;
  readonly base: SharedBlobBase | undefined;
  /** One bit a record of the base: set where it counts no more. */
  readonly removed: SharedArrayBuffer;
  /** One byte a pack: 1 where its blobs may be relied on. */
  readonly trusted: SharedArrayBuffer;
}

/**
 * Where every blob of the store lies: most of them in a base that was put in order once and is read where it is looked at
 * (blob-base.ts), those that came since in a table (blob-table.ts). Records of the base are numbered from 0, those of the table
 * behind them. 136 bits of the MAC tell blobs apart: a chance collision needs 2^68 of them, and reads verify the whole MAC.
 */
export class BlobIndex {
  #base: BlobBase | undefined;
  #baseCount = 0;
  #table: BlobTable;
  #removed: Uint8Array<SharedArrayBuffer> = new Uint8Array(new SharedArrayBuffer(0));
  /** What came and is not found before `compact`. */
  #spill: BlobSpill | undefined;

  constructor(table: BlobTable = new BlobTable(), base?: BlobBase) {
    this.#table = table;
    this.#setBase(base);
  }

  static fromShared(shared: SharedBlobIndex): BlobIndex {
    const base = shared.base && new BlobBase(shared.base);
    const index = new BlobIndex(BlobTable.fromShared(shared.table), base);
    index.#removed = new Uint8Array(shared.removed);
    return index;
  }

  /** How many records there are: they are numbered below this. */
  get count(): number {
    return this.#baseCount + this.#table.count;
  }

  get base(): BlobBase | undefined {
    return this.#base;
  }

  /** What came since the base was made. */
  get table(): BlobTable {
    return this.#table;
  }

  /** Whether something was added that no lookup finds before `compact`. */
  get hasSpilled(): boolean {
    return this.#spill !== undefined;
  }

  /** Adds a location; the MAC is read at `at` of `bytes`. The same location twice is answered once. */
  add(type: number, bytes: Uint8Array, at: number, pack: number, offset: number, length: number): void {
    this.#table.add(type, bytes, at, pack, offset, length);
  }

  /** Every place of a blob. Fails with `cache-damaged`, as do all that read records, but `has`. */
  *locations(type: number, mac: Mac): Generator<BlobLocation> {
    const base = this.#base;
    let isInBase = false;
    for (
      let record = base?.find(type, mac) ?? -1;
      base && record >= 0;
      record = base.hasNext(record) ? record + 1 : -1
    ) {
      if (this.#isRemoved(record)) continue;
      isInBase = true;
      yield this.location(record);
    }
    for (const place of this.#table.locations(type, mac)) {
      const record = place.record + this.#baseCount;
      if (!isInBase || !this.#isInBase(type, mac, place)) yield { ...place, record };
    }
  }

  /** The record of a blob's only place; -1 when it has none, or several. */
  sole(type: number, mac: Uint8Array): number {
    const base = this.#base;
    const inBase = base ? base.find(type, mac) : -1;
    if (base && inBase >= 0) {
      const isSole = !base.hasNext(inBase) && !this.#isRemoved(inBase) && !this.#table.hasAny(type, mac);
      return isSole ? inBase : this.#soleOfMany(type, mac as Mac);
    }
    const inTable = this.#table.sole(type, mac);
    return inTable < 0 ? -1 : inTable + this.#baseCount;
  }

  /**
   * Whether any place of the blob lies in a pack for which `trusted` holds 1. The MAC is read at `at` of `mac`. Where the
   * index is damaged the answer is no: then the blob is stored again.
   */
  has(type: number, mac: Uint8Array, trusted: Uint8Array, at = 0): boolean {
    return (
      this.#table.has(type, mac, trusted, at) || (this.#base !== undefined && this.#baseHas(type, mac, trusted, at))
    );
  }

  /**
   * Whether the blob has any place, relied on or not. Where the index is damaged the answer is yes: what is stored again since it
   * was not found is committed then, as if it had been lost.
   */
  hasAnywhere(type: number, mac: Mac): boolean {
    try {
      return !this.locations(type, mac).next().done;
    } catch (error) {
      if (!(error instanceof PlakarError)) throw error;
      return true;
    }
  }

  location(record: number): BlobLocation {
    return { record, pack: this.packOf(record), offset: this.offsetOf(record), length: this.lengthOf(record) };
  }

  offsetOf(record: number): number {
    const base = this.#baseOf(record);
    return base ? base.offsetOf(record) : this.#table.offsetOf(record - this.#baseCount);
  }

  lengthOf(record: number): number {
    const base = this.#baseOf(record);
    return base ? base.lengthOf(record) : this.#table.lengthOf(record - this.#baseCount);
  }

  packOf(record: number): number {
    const base = this.#baseOf(record);
    return base ? base.packOf(record) : this.#table.packOf(record - this.#baseCount);
  }

  /** 0 where the record counts no more. */
  typeOf(record: number): number {
    const base = this.#baseOf(record);
    if (!base) return this.#table.typeOf(record - this.#baseCount);
    return this.#isRemoved(record) ? 0 : base.typeOf(record);
  }

  /** Whether a record's MAC begins as `mac` does. */
  isMacOf(record: number, mac: Uint8Array): boolean {
    const base = this.#baseOf(record);
    return base ? base.isMacOf(record, mac) : this.#table.isMacOf(record - this.#baseCount, mac);
  }

  /** Numbers of all live records, pack by pack. */
  recordsByPack(packs: number): Uint32Array[] {
    const counts = new Uint32Array(packs);
    for (let record = 0; record < this.count; record++) {
      if (this.typeOf(record) !== 0) counts[this.packOf(record)]!++;
    }
    const lists = Array.from(counts, (count) => new Uint32Array(count));
    counts.fill(0);
    for (let record = 0; record < this.count; record++) {
      if (this.typeOf(record) === 0) continue;
      const pack = this.packOf(record);
      (lists[pack] as Uint32Array)[counts[pack]!++] = record;
    }
    return lists;
  }

  /** Forgets the places of a blob in one pack. */
  remove(type: number, mac: Uint8Array, pack: number): void {
    this.#table.remove(type, mac, pack);
    const base = this.#base;
    for (let record = base?.find(type, mac) ?? -1; base && record >= 0; record = base.hasNext(record) ? record + 1 : -1)
      if (base.packOf(record) === pack) this.removeRecord(record);
  }

  /** Forgets a record of the base. */
  removeRecord(record: number): void {
    if (this.#removed.length === 0) this.#removed = new Uint8Array(new SharedArrayBuffer((this.#baseCount >>> 3) + 1));
    const byte = record >>> 3;
    this.#removed[byte] = (this.#removed[byte] as number) | (1 << (record & 7));
  }

  /** Records of the base that were removed. */
  removedRecords(): number[] {
    const records: number[] = [];
    for (const [byte, bits] of this.#removed.entries()) {
      for (let bit = 0; bits >>> bit !== 0; bit++) if ((bits >>> bit) & 1) records.push(byte * 8 + bit);
    }
    return records;
  }

  /** Empties the table into a file of `directory`, or other memory: what was in it is not found before `compact`. */
  spill(directory: string | undefined): void {
    this.#spill ??= new BlobSpill(directory);
    this.#spill.addTable(this.#table);
    this.#table = new BlobTable();
  }

  /** Takes over places that are not found before `compact`. */
  adopt(spill: BlobSpill): void {
    if (this.#spill) this.#spill.takeOver(spill);
    else this.#spill = spill;
  }

  /** Makes one new base of all there is. */
  compact(directory: string | undefined, key: Uint8Array): BuiltBase {
    this.spill(directory);
    const isRemoved = (record: number): boolean => this.#isRemoved(record);
    const spill = this.#spill as BlobSpill;
    try {
      const built = mergeToBase({ base: this.#base, isRemoved, spill }, directory, key);
      this.#base?.close();
      this.#setBase(built.base);
      return built;
    } finally {
      spill.close();
      this.#spill = undefined;
    }
  }

  share(trusted: SharedArrayBuffer): SharedBlobIndex {
    return { table: this.#table.share(), base: this.#base?.share(), removed: this.#removed.buffer, trusted };
  }

  /** Closes files. Nobody may look up any more. */
  close(): void {
    this.#base?.close();
    this.#spill?.close();
  }

  #setBase(base: BlobBase | undefined): void {
    this.#base = base;
    this.#baseCount = base?.count ?? 0;
    this.#removed = new Uint8Array(new SharedArrayBuffer(0));
  }

  #baseOf(record: number): BlobBase | undefined {
    return record < this.#baseCount ? this.#base : undefined;
  }

  #isRemoved(record: number): boolean {
    return this.#removed.length > 0 && (((this.#removed[record >>> 3] as number) >>> (record & 7)) & 1) === 1;
  }

  #baseHas(type: number, mac: Uint8Array, trusted: Uint8Array, at: number): boolean {
    const base = this.#base as BlobBase;
    try {
      for (let record = base.find(type, mac, at); record >= 0; record = base.hasNext(record) ? record + 1 : -1)
        if (trusted[base.packOf(record)] === 1 && !this.#isRemoved(record)) return true;
    } catch (error) {
      if (!(error instanceof PlakarError)) throw error;
    }
    return false;
  }

  #isInBase(type: number, mac: Uint8Array, { pack, offset, length }: BlobLocation): boolean {
    const base = this.#base as BlobBase;
    for (let record = base.find(type, mac); record >= 0; record = base.hasNext(record) ? record + 1 : -1) {
      const isSame =
        base.packOf(record) === pack && base.offsetOf(record) === offset && base.lengthOf(record) === length;
      if (isSame && !this.#isRemoved(record)) return true;
    }
    return false;
  }

  #soleOfMany(type: number, mac: Mac): number {
    const [first, second] = this.locations(type, mac);
    return first && !second ? first.record : -1;
  }
}
