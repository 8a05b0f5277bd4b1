import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PackfileId } from "../format/index.ts";
import { concatBytes, equalBytes, makeDirectories, systemRandom, toHex, viewOf } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import { BlobIndex } from "./blob-index.ts";
import { MergedState } from "./merged-state.ts";

/*
 * The merged state of one store, kept between runs. It is disposable: anything unexpected makes it vanish, and the store's
 * own list of states decides whether it may be used. Its name is derived from the repository and the place of the store,
 * so that a copy of the store elsewhere never shares it. A keyed MAC over the whole finds damage.
 *
 *   8 magic | u32 head length | head (JSON) | records | 32 MAC
 */
const MAGIC = Buffer.from("PLKSTAT3");
/** All caches together; the oldest go first. */
const BUDGET_BYTES = 1 << 30;
const UNUSED_AFTER_MS = 60 * 24 * 3600 * 1000;

interface Head {
  readonly states: string[];
  readonly packIds: PackfileId[];
  readonly knownPacks: number[];
  readonly removedPacks: number[];
  readonly colouredPacks: [number, string][];
  readonly colouredSnapshots: string[];
  readonly uncolouredSnapshots: string[];
  readonly headers: [string, number[]][];
  readonly extents: (number | null)[];
  readonly ends: (number | null)[];
  readonly unknownEntries: number;
  readonly recordBytes: number;
}

/** Where a cache goes that cannot be written to the disk. Neither call fails. */
export interface KeptStates {
  readState(name: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>;
  keepState(name: Uint8Array, state: Uint8Array): void;
}

export class StateCache {
  readonly #directory: string;
  readonly #path: string;
  readonly #name: Uint8Array;
  readonly #sealer: Sealer;
  readonly #elsewhere: KeptStates | undefined;

  /** `identity` binds the cache to one store at one place: repository id, location, and the bytes of its CONFIG. */
  constructor(directory: string, identity: Uint8Array, sealer: Sealer, elsewhere?: KeptStates) {
    this.#name = sealer.mac(identity);
    this.#directory = join(directory, "states");
    this.#path = join(this.#directory, `${toHex(this.#name).slice(0, 40)}.state`);
    this.#sealer = sealer;
    this.#elsewhere = elsewhere;
  }

  /** The merged state, or undefined when there is none that can be believed. Never throws. */
  async load(): Promise<MergedState | undefined> {
    try {
      const file = readFileSync(this.#path);
      const state = this.#decode(file);
      if (!state) this.discard();
      return state;
    } catch {
      return await this.#loadElsewhere();
    }
  }

  /** Replaces the cache as a whole. Failing to is no error: the cache only saves time. */
  save(state: MergedState): void {
    const temporary = `${this.#path}.${toHex(systemRandom.bytes(6))}.tmp`;
    const encoded = this.#encode(state);
    try {
      makeDirectories(this.#directory, 0o700);
      writeFileSync(temporary, encoded, { mode: 0o600 });
      renameSync(temporary, this.#path);
      this.#trim();
    } catch {
      remove(temporary);
      this.#elsewhere?.keepState(this.#name, encoded);
    }
  }

  async #loadElsewhere(): Promise<MergedState | undefined> {
    const kept = await this.#elsewhere?.readState(this.#name);
    try {
      return kept && this.#decode(kept);
    } catch {
      return undefined;
    }
  }

  discard(): void {
    remove(this.#path);
  }

  #encode(state: MergedState): Uint8Array {
    const records = state.blobs.recordBytes();
    const head: Head = {
      states: [...state.states],
      packIds: state.packIds,
      knownPacks: [...state.knownPacks],
      removedPacks: [...state.removedPacks],
      colouredPacks: [...state.colouredPacks].map(([pack, ns]) => [pack, ns.toString()]),
      colouredSnapshots: [...state.colouredSnapshots],
      uncolouredSnapshots: [...state.uncolouredSnapshots],
      headers: [...state.headers],
      extents: Array.from(state.extents, (extent) => extent ?? null),
      ends: Array.from(state.ends, (end) => end ?? null),
      unknownEntries: state.unknownEntries,
      recordBytes: records.length,
    };
    const json = Buffer.from(JSON.stringify(head));
    const headLength = new Uint8Array(4);
    viewOf(headLength).setUint32(0, json.length, true);
    const content = concatBytes([MAGIC, headLength, json, records]);
    return concatBytes([content, this.#macOf(content)]);
  }

  #decode(file: Uint8Array): MergedState | undefined {
    if (file.length < MAGIC.length + 4 + 32 || !equalBytes(file.subarray(0, MAGIC.length), MAGIC)) return undefined;
    const content = file.subarray(0, file.length - 32);
    if (!equalBytes(this.#macOf(content), file.subarray(file.length - 32))) return undefined;
    const headEnd = 12 + viewOf(file).getUint32(8, true);
    const head = JSON.parse(Buffer.from(content.subarray(12, headEnd)).toString()) as Head;
    if (content.length - headEnd !== head.recordBytes) return undefined;
    return restoreState(head, content.subarray(headEnd));
  }

  #macOf(content: Uint8Array): Uint8Array {
    const mac = this.#sealer.createMac();
    mac.update(content);
    return mac.digest();
  }

  /** Keeps all caches together within the budget and drops those that nobody used for two months. */
  #trim(): void {
    const now = statSync(this.#path).mtimeMs;
    utimesSync(this.#path, now / 1000, now / 1000);
    const files = readdirSync(this.#directory)
      .map((name) => join(this.#directory, name))
      .map((path) => ({ path, stat: statSync(path) }))
      .toSorted((a, b) => b.stat.mtimeMs - a.stat.mtimeMs);
    let total = 0;
    for (const { path, stat } of files) {
      total += stat.size;
      if (total > BUDGET_BYTES || now - stat.mtimeMs > UNUSED_AFTER_MS) remove(path);
    }
  }
}

/** What cannot be removed (a read-only disk) is overwritten or found out later. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // the cache is never needed
  }
}

function restoreState(head: Head, records: Uint8Array): MergedState {
  const state = new MergedState();
  for (const id of head.packIds) state.packNumber(Buffer.from(id, "hex"), 0);
  for (const id of head.states) state.states.add(id);
  for (const pack of head.knownPacks) state.knownPacks.add(pack);
  for (const pack of head.removedPacks) state.removedPacks.add(pack);
  for (const [pack, ns] of head.colouredPacks) state.colouredPacks.set(pack, BigInt(ns));
  for (const id of head.colouredSnapshots) state.colouredSnapshots.add(id);
  for (const id of head.uncolouredSnapshots) state.uncolouredSnapshots.add(id);
  for (const [id, packs] of head.headers) state.headers.set(id, packs);
  for (const extent of head.extents) state.extents.push(extent ?? 0);
  for (const end of head.ends) state.ends.push(end ?? 0);
  state.unknownEntries = head.unknownEntries;
  state.blobs = BlobIndex.fromRecords(records);
  return state;
}
