import { readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDirectories, systemRandom, toHex } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import { BlobBase } from "./blob-base.ts";
import type { BaseFacts } from "./blob-base-layout.ts";
import type { IndexPlace } from "./index-place.ts";
import type { MergedState } from "./merged-state.ts";
import { removeQuietly, SCRATCH_SUFFIX, type ScratchFile } from "./scratch-file.ts";
import { decodeMergedState, encodeMergedState } from "./state-file.ts";

/** All caches together; the oldest go first. */
const BUDGET_BYTES = 1 << 30;
const UNUSED_AFTER_MS = 60 * 24 * 3600 * 1000;
/** What a process that was killed has left behind. */
const SCRATCH_AFTER_MS = 24 * 3600 * 1000;
const NAME_DIGITS = 40;
const BASE_SUFFIX = ".blobs";
/** What may be kept elsewhere is small. */
const MAX_KEPT_BLOBS = 700_000;

/** Where a cache goes that cannot be written to the disk. Neither call fails. */
export interface KeptStates {
  readState(name: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>;
  keepState(name: Uint8Array, state: Uint8Array): void;
}

/**
 * The merged state of one store, kept between runs: `NAME.state` (state-file.ts), and the base of its index beside it, under a
 * name of its own, so that a reader finds the pair that belongs together or none. It is disposable: anything unexpected makes
 * it vanish, and the store's own list of states decides whether it may be used. Its name is derived from the repository and the
 * place of the store, so that a copy of the store elsewhere never shares it.
 */
export class StateCache {
  readonly #place: IndexPlace;
  readonly #directory: string;
  readonly #path: string;
  readonly #prefix: string;
  readonly #name: Uint8Array;
  readonly #sealer: Sealer;
  readonly #elsewhere: KeptStates | undefined;

  /** `name`: a MAC of all that binds the cache to one store at one place. */
  constructor(place: IndexPlace, directory: string, name: Uint8Array, sealer: Sealer, elsewhere?: KeptStates) {
    this.#place = place;
    this.#name = name;
    this.#directory = directory;
    this.#prefix = toHex(name).slice(0, NAME_DIGITS);
    this.#path = this.pathOf(".state");
    this.#sealer = sealer;
    this.#elsewhere = elsewhere;
  }

  /** Where something else goes that is kept of the same store. */
  pathOf(suffix: string): string {
    return join(this.#directory, `${this.#prefix}${suffix}`);
  }

  /** The merged state, or undefined when there is none that can be believed. Never throws. */
  async load(): Promise<MergedState | undefined> {
    // once more: another process may have put new files in their place between one and the other
    for (let attempt = 0; attempt < 2; attempt++) {
      let file: Uint8Array;
      try {
        file = readFileSync(this.#path);
      } catch {
        return await this.#loadElsewhere();
      }
      const state = this.#decode(file);
      if (state) return state;
    }
    this.discard();
    return undefined;
  }

  /** Replaces the cache. `fresh`: the file of a base that has no name yet. Failing to is no error: the cache only saves time. */
  save(state: MergedState, fresh: ScratchFile | undefined): void {
    const temporary = join(this.#directory, `${toHex(systemRandom.bytes(12))}${SCRATCH_SUFFIX}`);
    const encoded = encodeMergedState(state, this.#sealer);
    const { base } = state.blobs;
    try {
      makeDirectories(this.#directory, 0o700);
      if (base && fresh) renameSync(fresh.path, this.#basePath(base.facts));
      writeFileSync(temporary, encoded, { mode: 0o600 });
      renameSync(temporary, this.#path);
      this.#removeBases(base && this.#basePath(base.facts));
      this.#trim();
    } catch {
      removeQuietly(temporary);
      fresh?.unlink();
      if (!base && state.blobs.count <= MAX_KEPT_BLOBS) this.#elsewhere?.keepState(this.#name, encoded);
    }
  }

  discard(): void {
    removeQuietly(this.#path);
    this.#removeBases(undefined);
  }

  async #loadElsewhere(): Promise<MergedState | undefined> {
    const kept = await this.#elsewhere?.readState(this.#name);
    return kept && this.#decode(kept);
  }

  #decode(file: Uint8Array): MergedState | undefined {
    try {
      return decodeMergedState(file, this.#sealer, (facts) =>
        BlobBase.open(this.#basePath(facts), facts, this.#place.key),
      );
    } catch {
      return undefined;
    }
  }

  #basePath({ mac }: BaseFacts): string {
    return this.pathOf(`-${mac.slice(0, 16)}${BASE_SUFFIX}`);
  }

  /** All bases of this store but one. Whoever has one open keeps it. */
  #removeBases(but: string | undefined): void {
    for (const path of pathsIn(this.#directory)) {
      if (path.startsWith(this.pathOf("-")) && path !== but) removeQuietly(path);
    }
  }

  /** Keeps all caches together within the budget and drops those that nobody used for two months. */
  #trim(): void {
    const now = statSync(this.#path).mtimeMs;
    utimesSync(this.#path, now / 1000, now / 1000);
    const groups = new Map<string, { paths: string[]; sizeBytes: number; modifiedMs: number }>();
    for (const path of pathsIn(this.#directory)) {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (!stat) continue;
      if (path.endsWith(SCRATCH_SUFFIX)) {
        if (now - stat.mtimeMs > SCRATCH_AFTER_MS) removeQuietly(path);
        continue;
      }
      const name = path.slice(this.#directory.length + 1, this.#directory.length + 1 + NAME_DIGITS);
      const group = groups.get(name) ?? { paths: [], sizeBytes: 0, modifiedMs: 0 };
      groups.set(name, group);
      group.paths.push(path);
      group.sizeBytes += stat.size;
      group.modifiedMs = Math.max(group.modifiedMs, stat.mtimeMs);
    }
    let total = 0;
    for (const { paths, sizeBytes, modifiedMs } of [...groups.values()].toSorted(
      (a, b) => b.modifiedMs - a.modifiedMs,
    )) {
      total += sizeBytes;
      if (total > BUDGET_BYTES || now - modifiedMs > UNUSED_AFTER_MS) for (const path of paths) removeQuietly(path);
    }
  }
}

function pathsIn(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}
