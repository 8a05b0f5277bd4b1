import { setTimeout as pause } from "node:timers/promises";
import { type Clock, systemClock, throwIfAborted } from "../../foundation/index.ts";
import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "../contract.ts";

export interface ThrottleOptions {
  readonly uploadBytesPerSecond?: number | undefined;
  readonly downloadBytesPerSecond?: number | undefined;
  /** Ends every wait, with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** Waits; rejects when the signal is aborted. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * A store over another one that takes its time: over any longer while it writes and reads at most so many bytes a second.
 * A call is answered when the bytes of it, and of those before it, may have passed.
 */
export function withThrottle(store: Store, options: ThrottleOptions): Store {
  return new ThrottledStore(store, options);
}

class ThrottledStore implements Store {
  readonly location: string;
  readonly writable: boolean;
  readonly deletable: boolean;
  readonly #store: Store;
  readonly #upload: Throttle;
  readonly #download: Throttle;
  readonly #closed = new AbortController();

  constructor(store: Store, options: ThrottleOptions) {
    this.location = store.location;
    this.writable = store.writable;
    this.deletable = store.deletable;
    this.#store = store;
    const end = options.signal ? AbortSignal.any([options.signal, this.#closed.signal]) : this.#closed.signal;
    this.#upload = new Throttle(options.uploadBytesPerSecond, options, end);
    this.#download = new Throttle(options.downloadBytesPerSecond, options, end);
  }

  expectEmpty(): Promise<void> {
    return this.#store.expectEmpty();
  }

  create(configuration: Uint8Array): Promise<void> {
    return this.#store.create(configuration);
  }

  readConfiguration(): Promise<Uint8Array> {
    return this.#store.readConfiguration();
  }

  list(kind: StoreKind, options?: { readonly sizes?: boolean }): Promise<StoredFile[]> {
    return this.#store.list(kind, options);
  }

  async get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#store.get(kind, id, range);
    await this.#download.pass(bytes.length);
    return bytes;
  }

  async put(kind: StoreKind, id: StoreId, bytes: Uint8Array): Promise<void> {
    // locks must not wait behind data: others look at their age
    if (kind !== "locks") await this.#upload.pass(bytes.length);
    await this.#store.put(kind, id, bytes);
  }

  delete(kind: StoreKind, id: StoreId): Promise<void> {
    return this.#store.delete(kind, id);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#store.close();
  }
}

/** One direction. */
class Throttle {
  readonly #bytesPerSecond: number | undefined;
  readonly #clock: Clock;
  readonly #pause: NonNullable<ThrottleOptions["pause"]>;
  readonly #end: AbortSignal;
  readonly #signal: AbortSignal | undefined;
  /** Until when what has been let through so far takes. */
  #busyUntilMs = 0;

  constructor(bytesPerSecond: number | undefined, options: ThrottleOptions, end: AbortSignal) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#clock = options.clock ?? systemClock;
    this.#pause = options.pause ?? ((ms, stop) => pause(ms, undefined, { signal: stop }));
    this.#end = end;
    this.#signal = options.signal;
  }

  async pass(bytes: number): Promise<void> {
    if (this.#bytesPerSecond === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + (bytes * 1000) / this.#bytesPerSecond;
    if (this.#busyUntilMs <= nowMs) return;
    try {
      await this.#pause(this.#busyUntilMs - nowMs, this.#end);
    } catch (error) {
      throwIfAborted(this.#signal);
      throw error;
    }
  }
}
