import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { concatBytes, equalBytes, makeDirectories, systemRandom, toHex } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { MergedState } from "./merged-state.ts";
import type { PackfileList } from "./packfile-list.ts";
import { removeQuietly, SCRATCH_SUFFIX } from "./scratch-file.ts";

/*
 * What lists show of snapshots, kept between runs: whoever lists a thousand opens one file instead of a thousand blobs. It is
 * sealed as the store seals its blobs, for it names what was backed up; a keyed MAC over the whole finds damage.
 *
 *   8 magic | sealed: JSON, an object of what is kept, by id | 32 MAC
 */
const MAGIC = Buffer.from("PLKFACT1");
const MAC_BYTES = 32;
const MAX_BYTES = 1 << 28;

/** Where it lies; the file is made when there is something to keep. */
export interface FactsPlace {
  readonly directory: string;
  readonly path: string;
}

/**
 * A snapshot's header never changes, so that what was read of a sound one holds for as long as the states name the snapshot,
 * and the packfile that the header lies in is there.
 */
export class KeptFacts {
  readonly #place: FactsPlace | undefined;
  readonly #sealer: Sealer;
  readonly #state: MergedState;
  readonly #packfiles: PackfileList;
  readonly #kept: Map<string, unknown>;
  #isChanged = false;

  constructor(place: FactsPlace | undefined, sealer: Sealer, state: MergedState, packfiles: PackfileList) {
    this.#place = place;
    this.#sealer = sealer;
    this.#state = state;
    this.#packfiles = packfiles;
    this.#kept = place ? load(place.path, sealer) : new Map();
  }

  /** What `add` was given for a snapshot in this or an earlier run, if that may be believed. */
  get(id: string): unknown {
    const state = this.#state;
    const isThere = (pack: number): boolean => state.isReadable(pack) && this.#packfiles.has(state.packs.idOf(pack));
    return state.headers.get(id)?.some(isThere) ? this.#kept.get(id) : undefined;
  }

  /** Keeps what was read of a sound header; of what JSON can hold. */
  add(id: string, facts: object): void {
    this.#kept.set(id, facts);
    this.#isChanged = true;
  }

  /** Writes what is new. Failing to is no error: it only saves time. */
  save(): void {
    if (!this.#isChanged || !this.#place) return;
    this.#isChanged = false;
    const { directory, path } = this.#place;
    const temporary = `${path}.${toHex(systemRandom.bytes(6))}${SCRATCH_SUFFIX}`;
    try {
      makeDirectories(directory, 0o700);
      writeFileSync(temporary, this.#encode(), { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      removeQuietly(temporary);
    }
  }

  #encode(): Uint8Array {
    const ofStore = [...this.#kept].filter(([id]) => this.#state.headers.has(id));
    const json = Buffer.from(JSON.stringify(Object.fromEntries(ofStore)));
    const content = concatBytes([MAGIC, this.#sealer.seal(json)]);
    return concatBytes([content, this.#sealer.mac(content)]);
  }
}

/** Nothing where there is no file, or one that cannot be believed. */
function load(path: string, sealer: Sealer): Map<string, unknown> {
  try {
    const file = new Uint8Array(readFileSync(path));
    const content = file.subarray(0, Math.max(0, file.length - MAC_BYTES));
    const isOurs = content.length > MAGIC.length && equalBytes(content.subarray(0, MAGIC.length), MAGIC);
    if (!isOurs || !equalBytes(sealer.mac(content), file.subarray(content.length))) return new Map();
    const json = sealer.open(content.subarray(MAGIC.length), {
      maxBytes: MAX_BYTES,
      what: "what is kept of snapshots",
    });
    return new Map(Object.entries(JSON.parse(Buffer.from(json).toString()) as object));
  } catch {
    return new Map();
  }
}
