import type { Mac, ResourceType } from "../format/index.ts";
import { corrupted } from "../foundation/index.ts";
import { type MergedState, missingBlob } from "../repository/index.ts";

/** What is known to be damaged, blob by blob, once the packfiles have been read; and what snapshots asked for. */
export class Blobs {
  readonly #state: MergedState;
  readonly #damaged: Map<number, string> = new Map();
  /** Packs in which blobs lie that were asked for. */
  readonly touchedPacks: Set<number> = new Set();
  /** Packs that hold the only sound copy of something that was asked for. */
  readonly neededPacks: Set<number> = new Set();
  /** Packs whose damage somebody was hit by. */
  readonly hitPacks: Set<number> = new Set();

  /** Of packs, the one that was readable, and needed, when last something was. */
  #lastPack = -1;

  constructor(state: MergedState) {
    this.#state = state;
  }

  damage(record: number, message: string): void {
    this.#damaged.set(record, message);
  }

  lose(records: Uint32Array, message: string): void {
    for (const record of records) this.#damaged.set(record, message);
  }

  /** The record of a blob's place where that is the only one, and sound: then it is required. Else -1. */
  requireSole(type: ResourceType, mac: Mac): number {
    const record = this.#state.blobs.sole(type, mac);
    return record >= 0 && this.requireRecord(record) ? record : -1;
  }

  /** As `requireSole`, of a blob that is known to have this one place only. */
  requireRecord(record: number): boolean {
    if (this.#damaged.has(record)) return false;
    const pack = this.#state.blobs.packOf(record);
    if (pack === this.#lastPack) return true;
    if (!this.#state.isReadable(pack)) return false;
    this.touchedPacks.add(pack);
    this.neededPacks.add(pack);
    this.#lastPack = pack;
    return true;
  }

  /** Throws what is wrong with a blob unless one of its places is sound. `what` is for messages. */
  require(type: ResourceType, mac: Mac, what: () => string): void {
    if (this.requireSole(type, mac) < 0) this.#requireAny(type, mac, what);
  }

  #requireAny(type: ResourceType, mac: Mac, what: () => string): void {
    const places = this.#state.readableLocations(type, mac);
    for (const { pack } of places) this.touchedPacks.add(pack);
    const sound = places.filter(({ record }) => !this.#damaged.has(record));
    const [first] = sound;
    if (first) {
      if (sound.length === 1) this.neededPacks.add(first.pack);
      return;
    }
    for (const { pack } of places) this.hitPacks.add(pack);
    const problem = places.map(({ record }) => this.#damaged.get(record)).find((each) => each !== undefined);
    if (problem === undefined) throw missingBlob(type, mac, what());
    throw corrupted("blob-damaged", `${what()} ${problem}`);
  }
}
