import { setTimeout as pause } from "node:timers/promises";
import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "../../src/store/contract.ts";

/** A store over another one that is far away: whatever is asked of it is answered after a while, and counted. */
export class SlowStore implements Store {
  readonly location: string;
  readonly writable: boolean;
  readonly deletable: boolean;
  /** What was asked for, one line each. */
  readonly requests: string[] = [];
  readonly #store: Store;
  readonly #latencyMs: number;

  constructor(store: Store, latencyMs: number) {
    this.location = store.location;
    this.writable = store.writable;
    this.deletable = store.deletable;
    this.#store = store;
    this.#latencyMs = latencyMs;
  }

  expectEmpty(): Promise<void> {
    return this.#later("expectEmpty", () => this.#store.expectEmpty());
  }

  create(configuration: Uint8Array): Promise<void> {
    return this.#later("create", () => this.#store.create(configuration));
  }

  readConfiguration(): Promise<Uint8Array> {
    return this.#later("readConfiguration", () => this.#store.readConfiguration());
  }

  list(kind: StoreKind, options?: { readonly sizes?: boolean }): Promise<StoredFile[]> {
    return this.#later(`list ${kind}`, () => this.#store.list(kind, options));
  }

  get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const what = `get ${kind} ${id.slice(0, 8)} ${range ? `${range.offset} ${range.length}` : "whole"}`;
    return this.#later(what, () => this.#store.get(kind, id, range));
  }

  put(kind: StoreKind, id: StoreId, bytes: Uint8Array): Promise<void> {
    return this.#later(`put ${kind}`, () => this.#store.put(kind, id, bytes));
  }

  delete(kind: StoreKind, id: StoreId): Promise<void> {
    return this.#later(`delete ${kind}`, () => this.#store.delete(kind, id));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #later<T>(request: string, step: () => Promise<T>): Promise<T> {
    this.requests.push(request);
    await pause(this.#latencyMs);
    return step();
  }
}
