import { decodeLock, encodeLock, type LockId, ResourceType, unwrap, V1_0_0, wrap } from "../format/index.ts";
import { type Clock, messageOf, PlakarError, type Random, toHex } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { Store } from "../store/contract.ts";
import type { MergedState } from "./merged-state.ts";

/** Kloset's own times: a lock is rewritten every five minutes and stale after ten. */
const REFRESH_MS = 5 * 60 * 1000;
const STALE_NS = 10n * 60n * 1_000_000_000n;

export interface LockDependencies {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
  readonly state: MergedState;
  readonly hostName: string;
  readonly onWarning: (message: string) => void;
}

interface ForeignLock {
  readonly id: string;
  readonly hostname: string;
  readonly exclusive: boolean;
  readonly ageNs: bigint;
}

/**
 * A lock on the store, as Kloset has it: put the own lock, then look at all others. Shared locks (backups) give way to an
 * exclusive one; an exclusive one (maintenance) gives way to any. Released on every way out by `release`.
 */
export class RepositoryLock {
  readonly #dependencies: LockDependencies;
  readonly #exclusive: boolean;
  readonly id: LockId;
  #timer: ReturnType<typeof setInterval> | undefined;
  #released = false;

  private constructor(dependencies: LockDependencies, id: LockId, exclusive: boolean) {
    this.#dependencies = dependencies;
    this.#exclusive = exclusive;
    this.id = id;
  }

  /** `id`: the snapshot's id for a backup. Fails with kind `conflict`, code `store-locked`, when somebody stands in the way. */
  static async acquire(
    dependencies: LockDependencies,
    options: { readonly exclusive: boolean; readonly id?: string },
  ): Promise<RepositoryLock> {
    const id = (options.id ?? toHex(dependencies.random.bytes(32))) as LockId;
    const lock = new RepositoryLock(dependencies, id, options.exclusive);
    await lock.#write();
    try {
      await lock.#yieldToOthers();
    } catch (error) {
      await lock.release();
      throw error;
    }
    lock.#timer = setInterval(() => void lock.#refresh(), REFRESH_MS);
    lock.#timer.unref();
    return lock;
  }

  /** Deletes the lock. A store that cannot delete keeps it until it is stale: one warning, no error. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    clearInterval(this.#timer);
    const { store, onWarning } = this.#dependencies;
    if (!store.deletable) {
      onWarning("this store cannot delete, so the lock of this backup stays until it is stale (10 minutes)");
      return;
    }
    try {
      await store.delete("locks", this.id);
    } catch (error) {
      onWarning(
        `the lock ${this.id.slice(0, 8)} could not be removed (${messageOf(error)}); it is stale in 10 minutes`,
      );
    }
  }

  async #write(): Promise<void> {
    const { store, sealer, clock, hostName } = this.#dependencies;
    const plain = encodeLock({
      version: V1_0_0,
      timestampNs: clock.nowNs(),
      hostname: hostName,
      exclusive: this.#exclusive,
    });
    const bytes = wrap(ResourceType.lock, V1_0_0, sealer.seal(plain), (content) => sealer.mac(content));
    await store.put("locks", this.id, bytes);
  }

  async #refresh(): Promise<void> {
    if (this.#released) return;
    try {
      await this.#write();
    } catch (error) {
      this.#dependencies.onWarning(`the lock could not be refreshed: ${messageOf(error)}`);
    }
    // Released while the write was on its way: the file may have come back after its deletion.
    if (this.#released && this.#dependencies.store.deletable) {
      await this.#dependencies.store.delete("locks", this.id).catch(() => undefined);
    }
  }

  async #yieldToOthers(): Promise<void> {
    for (const other of await readLocks(this.#dependencies)) {
      if (other.id === this.id) continue;
      if (other.ageNs >= STALE_NS || this.#isLeaked(other)) {
        await this.#dependencies.store.delete("locks", other.id).catch(() => undefined);
        continue;
      }
      if (other.exclusive || this.#exclusive) throw busy(other, this.#dependencies.store.location);
    }
  }

  /** A shared lock bears its snapshot's id; once that snapshot is visible, its backup is over and the lock was left behind. */
  #isLeaked(other: ForeignLock): boolean {
    return !other.exclusive && this.#dependencies.state.headers.has(other.id);
  }
}

/** All readable locks. One that cannot be read counts as exclusive and young unless it is gone by now. */
async function readLocks({ store, sealer, clock }: LockDependencies): Promise<ForeignLock[]> {
  const locks: ForeignLock[] = [];
  for (const { id } of await store.list("locks")) {
    let bytes: Uint8Array;
    try {
      bytes = await store.get("locks", id);
    } catch {
      continue; // deleted between list and get, as a finishing backup does
    }
    try {
      const expect = { type: ResourceType.lock, maxVersion: V1_0_0, what: `lock ${id.slice(0, 8)}` };
      const { body } = unwrap(bytes, expect, (content) => sealer.mac(content));
      const lock = decodeLock(sealer.open(body, { maxBytes: 1 << 16, what: expect.what }));
      locks.push({ id, hostname: lock.hostname, exclusive: lock.exclusive, ageNs: clock.nowNs() - lock.timestampNs });
    } catch (error) {
      throw new PlakarError("lock-damaged", `lock ${id.slice(0, 8)} cannot be read: ${messageOf(error)}`, {
        kind: "conflict",
        retry: "later",
        advice: `When no other plakar works on this store, delete locks/${id}.`,
        cause: error,
      });
    }
  }
  return locks;
}

function busy(other: ForeignLock, location: string): PlakarError {
  const seconds = Number(other.ageNs / 1_000_000_000n);
  const what = other.exclusive ? "maintenance" : "a backup";
  return new PlakarError(
    "store-locked",
    `${location} is in use: ${what} on ${other.hostname} holds a lock, ${seconds} s old`,
    {
      kind: "conflict",
      retry: "later",
      advice: `Wait until it ends; a lock that was left behind no longer counts ${600 - Math.min(600, seconds)} s from now.`,
      details: { lock: other.id, host: other.hostname, ageSeconds: seconds, exclusive: other.exclusive },
    },
  );
}
