import { join } from "node:path";
import { asMac, type SnapshotId, type StoreConfiguration } from "../format/index.ts";
import {
  type Clock,
  concatBytes,
  fromHex,
  fromText,
  type PlakarError,
  type Random,
  toBytes,
} from "../foundation/index.ts";
import type { Kernels } from "../kernels/index.ts";
import type { Sealer, SealingParameters } from "../sealing/index.ts";
import type { Store } from "../store/contract.ts";
import { BlobReader } from "./blob-reader.ts";
import type { IndexPlace } from "./index-place.ts";
import { type FactsPlace, KeptFacts } from "./kept-facts.ts";
import { type LockDependencies, RepositoryLock } from "./lock.ts";
import type { MergedState } from "./merged-state.ts";
import { listPackfiles, type PackfileList } from "./packfile-list.ts";
import { HeaderWarrant } from "./packfile-mac.ts";
import { type KeptStates, StateCache } from "./state-cache.ts";
import { loadState } from "./state-loader.ts";

export interface RepositoryParts {
  readonly store: Store;
  readonly configuration: StoreConfiguration;
  /** The wrapped CONFIG as stored. */
  readonly configurationBytes: Uint8Array;
  readonly sealing: SealingParameters;
  readonly sealer: Sealer;
  readonly kernels: Kernels;
  readonly clock: Clock;
  readonly random: Random;
  readonly hostName: string;
  readonly cacheDirectory: string | undefined;
  readonly keptStates?: KeptStates | undefined;
  readonly onWarning: (message: string) => void;
  /** Damage that was met and does not stop the work. */
  readonly onDamage: (error: PlakarError) => void;
}

/** An opened store: its key is known, its states are merged. The only thing that knows both sealing and store. */
export class Repository {
  readonly parts: RepositoryParts;
  #state: MergedState | undefined;
  /** All that were loaded: whoever holds an old one may still look up in it. */
  readonly #loaded: Set<MergedState> = new Set();
  #reader: BlobReader | undefined;
  #warrant: HeaderWarrant | undefined;
  #packfiles: Promise<PackfileList> | undefined;
  readonly #warned: Set<string> = new Set();
  readonly #told: Set<SnapshotId> = new Set();

  constructor(parts: RepositoryParts) {
    this.parts = parts;
  }

  get location(): string {
    return this.parts.store.location;
  }

  get configuration(): StoreConfiguration {
    return this.parts.configuration;
  }

  get store(): Store {
    return this.parts.store;
  }

  get sealer(): Sealer {
    return this.parts.sealer;
  }

  /** Merges the states, from the cache where it can be believed. */
  async load(): Promise<MergedState> {
    if (this.#state) return this.#state;
    const onMisplaced = (_: string, error: PlakarError): void => this.parts.onDamage(error);
    const { cache, place } = this.#cached();
    return this.#take(await loadState(this.parts, { cache, place, onMisplaced }));
  }

  /** Merges also what others have added to the store since `load`. */
  async reload(): Promise<MergedState> {
    this.#state = undefined;
    this.#packfiles = undefined;
    return await this.load();
  }

  /** Merges every state anew from the store, as `check` does; damaged ones are told and left out. */
  async loadAfresh(onDamage: (stateId: string, error: PlakarError) => void): Promise<MergedState> {
    this.#packfiles = undefined;
    const { place } = this.#cached();
    return this.#take(await loadState(this.parts, { place, onDamage, onMisplaced: onDamage }));
  }

  #take(state: MergedState): MergedState {
    const { store, sealer } = this.parts;
    this.#state = state;
    this.#loaded.add(state);
    this.#reader = new BlobReader(store, state, sealer);
    this.#warrant = new HeaderWarrant({ store, sealer, state });
    return state;
  }

  /** The merged states. `load` came before. */
  get state(): MergedState {
    if (!this.#state) throw new Error("the repository's states are not loaded");
    return this.#state;
  }

  get reader(): BlobReader {
    if (!this.#reader) throw new Error("the repository's states are not loaded");
    return this.#reader;
  }

  /** Tells (`onDamage`) when nothing vouches for what a snapshot says of itself, and answers whether something does. */
  async vouchForHeader(snapshot: SnapshotId): Promise<boolean> {
    const problem = await this.headerProblem(snapshot);
    if (problem && !this.#told.has(snapshot)) this.parts.onDamage(problem);
    if (problem) this.#told.add(snapshot);
    return problem === undefined;
  }

  /** What lists show of snapshots, as it was read in earlier runs. `load` came before. */
  async keptFacts(): Promise<KeptFacts> {
    return new KeptFacts(this.#cached().facts, this.sealer, this.state, await this.packfiles());
  }

  /** The packfiles that are there, without their sizes: listed once, before `load` where that is wanted, until `reload`. */
  packfiles(): Promise<PackfileList> {
    if (!this.#packfiles) {
      this.#packfiles = listPackfiles(this.store, { sizes: false });
      this.#packfiles.catch(() => undefined); // whoever asks again sees it
    }
    return this.#packfiles;
  }

  /** What speaks against a snapshot's header: its packfile is damaged, and nothing else guards it. */
  async headerProblem(snapshot: SnapshotId): Promise<PlakarError | undefined> {
    return await this.#warrant?.problemOf(asMac(fromHex(snapshot)));
  }

  /** A shared lock under the snapshot's id. */
  lockForBackup(snapshot: SnapshotId): Promise<RepositoryLock> {
    return RepositoryLock.acquire(this.#lockDependencies(), { exclusive: false, id: snapshot });
  }

  lockExclusively(): Promise<RepositoryLock> {
    return RepositoryLock.acquire(this.#lockDependencies(), { exclusive: true });
  }

  /** Told once, however often it comes up. */
  warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.parts.onWarning(message);
  }

  async close(): Promise<void> {
    const isDamaged = [...this.#loaded].some(({ blobs }) => blobs.base?.isDamaged);
    if (isDamaged) this.#cached().cache?.discard();
    for (const { blobs } of this.#loaded) blobs.close();
    await this.parts.store.close();
  }

  /** The cache, if there may be one, and where its index goes. */
  #cached(): { cache: StateCache | undefined; place: IndexPlace; facts: FactsPlace | undefined } {
    const { cacheDirectory, keptStates, store, configurationBytes, sealer } = this.parts;
    const directory = cacheDirectory === undefined ? undefined : join(cacheDirectory, "states");
    // bound to one store at one place: its id is in its CONFIG
    const identity = concatBytes([toBytes(fromText(store.location)), new Uint8Array(1), configurationBytes]);
    const place = { directory, key: sealer.mac(concatBytes([toBytes(fromText("index of blobs\0")), identity])) };
    if (directory === undefined) return { cache: undefined, place, facts: undefined };
    const name = sealer.mac(identity);
    const cache = new StateCache(place, directory, name, sealer, keptStates);
    return { cache, place, facts: { directory, path: cache.pathOf(".facts") } };
  }

  #lockDependencies(): LockDependencies {
    const { store, sealer, clock, random, hostName } = this.parts;
    return { store, sealer, clock, random, hostName, state: this.state, onWarning: (message) => this.warn(message) };
  }
}
