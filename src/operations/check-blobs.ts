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

  constructor(state: MergedState) {
    this.#state = state;
  }

  damage(record: number, message: string): void {
    this.#damaged.set(record, message);
  }

  lose(records: Uint32Array, message: string): void {
    for (const record of records) this.#damaged.set(record, message);
  }

  /** Throws what is wrong with a blob unless one of its places is sound. */
  require(type: ResourceType, mac: Mac, what: string): void {
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
    if (problem === undefined) throw missingBlob(type, mac, what);
    throw corrupted("blob-damaged", `${what} ${problem}`);
  }
}
