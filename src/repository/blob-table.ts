import type { Mac } from "../format/index.ts";

/*
 * Where blobs lie: an open-addressing table over fixed records, in shared memory so that workers
 * look up without messages. A record is 32 bytes; slots hold record numbers. 32 bytes + about 7 of slots per blob.
 *
 *   0  19  first 19 bytes of the MAC (152 bits: a chance collision needs 2^76 blobs; reads verify the whole MAC)
 *   19  1  type (0 = deleted)
 *   20  3  pack number
 *   23  5  offset in the packfile's body
 *   28  4  sealed length
 */
const RECORD_BYTES = 32;
const MAC_BYTES = 19;
const INITIAL_RECORDS = 1024;
const TWO_32 = 2 ** 32;

/** A place where a blob lies. `offset` counts from the start of the packfile's body, which follows 16 header bytes. */
export interface BlobLocation {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
  /** Number of the record, for `check`'s list of what is damaged. */
  readonly record: number;
}

/** A table in shared memory, read-only while workers hold it. */
export interface SharedBlobTable {
  readonly records: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
}

/** The few blobs that are not in the base yet (blob-base.ts), or all of them where there is none. */
export class BlobTable {
  #records: Uint8Array<SharedArrayBuffer>;
  #slots: Int32Array<SharedArrayBuffer>;
  #count = 0;

  constructor(expected: number = INITIAL_RECORDS) {
    const capacity = Math.max(expected, INITIAL_RECORDS);
    this.#records = new Uint8Array(new SharedArrayBuffer(capacity * RECORD_BYTES));
    this.#slots = new Int32Array(new SharedArrayBuffer(slotCount(capacity) * 4));
  }

  static fromShared(shared: SharedBlobTable): BlobTable {
    const table = new BlobTable(0);
    table.#records = new Uint8Array(shared.records);
    table.#slots = new Int32Array(shared.slots);
    return table;
  }

  /** The table rebuilt from records that `recordBytes` answered. */
  static fromRecords(bytes: Uint8Array): BlobTable {
    const count = Math.floor(bytes.length / RECORD_BYTES);
    const table = new BlobTable(count);
    table.#records.set(bytes.subarray(0, count * RECORD_BYTES));
    table.#count = count;
    table.#rebuildSlots(slotCount(table.#capacity));
    return table;
  }

  get count(): number {
    return this.#count;
  }

  get #capacity(): number {
    return this.#records.length / RECORD_BYTES;
  }

  /** Adds a location; the MAC is read at `at` of `bytes`. The same location twice is kept once. */
  add(type: number, bytes: Uint8Array, at: number, pack: number, offset: number, length: number): void {
    if (this.#count === this.#capacity) this.#grow();
    const records = this.#records;
    const start = this.#count * RECORD_BYTES;
    for (let i = 0; i < MAC_BYTES; i++) records[start + i] = bytes[at + i] ?? 0;
    records[start + 19] = type;
    writeUnsigned(records, start + 20, 3, pack);
    writeUnsigned(records, start + 23, 5, offset);
    writeUnsigned(records, start + 28, 4, length);
    if (this.#insert(this.#count)) this.#count++;
  }

  /** Every place of a blob, in the order in which they were added. */
  *locations(type: number, mac: Mac): Generator<BlobLocation> {
    const mask = this.#slots.length - 1;
    let slot = hashAt(mac, 0) & mask;
    for (;;) {
      const record = (this.#slots[slot] as number) - 1;
      if (record < 0) return;
      if (this.#matches(record, type, mac)) yield this.location(record);
      slot = (slot + 1) & mask;
    }
  }

  /** The record of a blob's only place; -1 when it has none, or several. */
  sole(type: number, mac: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = hashAt(mac, 0) & mask;
    let found = -1;
    for (;;) {
      const record = (this.#slots[slot] as number) - 1;
      if (record < 0) return found;
      if (this.#matches(record, type, mac)) {
        if (found >= 0) return -1;
        found = record;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Whether a blob has any place. */
  hasAny(type: number, mac: Uint8Array): boolean {
    const mask = this.#slots.length - 1;
    for (let slot = hashAt(mac, 0) & mask; ; slot = (slot + 1) & mask) {
      const record = (this.#slots[slot] as number) - 1;
      if (record < 0) return false;
      if (this.#matches(record, type, mac)) return true;
    }
  }

  /** Whether any place of the blob lies in a pack for which `trusted` holds 1. The MAC is read at `at` of `mac`. */
  has(type: number, mac: Uint8Array, trusted: Uint8Array, at = 0): boolean {
    const mask = this.#slots.length - 1;
    let slot = hashAt(mac, at) & mask;
    for (;;) {
      const record = (this.#slots[slot] as number) - 1;
      if (record < 0) return false;
      if (this.#matches(record, type, mac, at) && trusted[this.packOf(record)] === 1) return true;
      slot = (slot + 1) & mask;
    }
  }

  location(record: number): BlobLocation {
    return { record, pack: this.packOf(record), offset: this.offsetOf(record), length: this.lengthOf(record) };
  }

  offsetOf(record: number): number {
    const start = record * RECORD_BYTES;
    return u32At(this.#records, start + 23) + (this.#records[start + 27] as number) * TWO_32;
  }

  lengthOf(record: number): number {
    return u32At(this.#records, record * RECORD_BYTES + 28);
  }

  packOf(record: number): number {
    const start = record * RECORD_BYTES;
    const records = this.#records;
    return (
      (records[start + 20] as number) | ((records[start + 21] as number) << 8) | ((records[start + 22] as number) << 16)
    );
  }

  typeOf(record: number): number {
    return this.#records[record * RECORD_BYTES + 19] as number;
  }

  /** Where a record is in what `recordBytes` answers: its MAC comes first. */
  macAt(record: number): number {
    return record * RECORD_BYTES;
  }

  /** Whether a record's MAC begins as `mac` does; 152 bits are compared. */
  isMacOf(record: number, mac: Uint8Array): boolean {
    return this.#matches(record, this.typeOf(record), mac);
  }

  /** Forgets one location: the slot stays, so that chains stay whole. */
  remove(type: number, mac: Uint8Array, pack: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashAt(mac, 0) & mask;
    for (;;) {
      const record = (this.#slots[slot] as number) - 1;
      if (record < 0) return;
      if (this.#matches(record, type, mac) && this.packOf(record) === pack)
        this.#records[record * RECORD_BYTES + 19] = 0;
      slot = (slot + 1) & mask;
    }
  }

  /** The records, for the cache on disk. */
  recordBytes(): Uint8Array {
    return this.#records.subarray(0, this.#count * RECORD_BYTES);
  }

  share(): SharedBlobTable {
    return { records: this.#records.buffer, slots: this.#slots.buffer };
  }

  #matches(record: number, type: number, mac: Uint8Array, at = 0): boolean {
    const start = record * RECORD_BYTES;
    const records = this.#records;
    if (records[start + 19] !== type) return false;
    for (let i = 0; i < MAC_BYTES; i++) if (records[start + i] !== mac[at + i]) return false;
    return true;
  }

  #sameRecord(a: number, b: number): boolean {
    for (let i = 0; i < RECORD_BYTES; i++) {
      if (this.#records[a * RECORD_BYTES + i] !== this.#records[b * RECORD_BYTES + i]) return false;
    }
    return true;
  }

  /** False when the identical record is there already. */
  #insert(record: number): boolean {
    if ((record + 1) * 5 > this.#slots.length * 3) this.#rebuildSlots(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    let slot = hashAt(this.#records, record * RECORD_BYTES) & mask;
    for (;;) {
      const other = (this.#slots[slot] as number) - 1;
      if (other < 0) break;
      if (this.#sameRecord(other, record)) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = record + 1;
    return true;
  }

  #grow(): void {
    const larger = new Uint8Array(new SharedArrayBuffer(this.#records.length * 2));
    larger.set(this.#records);
    this.#records = larger;
  }

  #rebuildSlots(length: number): void {
    const slots = new Int32Array(new SharedArrayBuffer(length * 4));
    const mask = length - 1;
    for (let record = 0; record < this.#count; record++) {
      let slot = hashAt(this.#records, record * RECORD_BYTES) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = record + 1;
    }
    this.#slots = slots;
  }
}

/** MACs are uniform, so their first four bytes are the hash. */
function hashAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** A power of two with at most 60 % in use. */
function slotCount(records: number): number {
  let slots = 2048;
  while (records * 5 > slots * 3) slots *= 2;
  return slots;
}

function u32At(bytes: Uint8Array, at: number): number {
  return hashAt(bytes, at) >>> 0;
}

function writeUnsigned(bytes: Uint8Array, at: number, size: number, value: number): void {
  let rest = value >>> 0; // all but the highest byte of five
  for (let i = 0; i < 4 && i < size; i++) {
    bytes[at + i] = rest & 255;
    rest >>>= 8;
  }
  if (size > 4) bytes[at + 4] = Math.floor(value / TWO_32);
}
