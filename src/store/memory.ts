import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "./contract.ts";
import { fileMissing, fileShort, requireId, storeMissing, storeNotEmpty } from "./failures.ts";
import { rangeWithin } from "./read-exactly.ts";

export interface MemoryStoreOptions {
  /** False makes an append-only store: `delete` does what it is told, but callers must not count on it. */
  readonly deletable?: boolean;
}

/** A store that lives as long as the process: for tests and simulation. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options.deletable ?? true);
}

class MemoryStore implements Store {
  readonly location = "memory:";
  readonly writable = true;
  readonly deletable: boolean;
  #configuration: Uint8Array | undefined;
  readonly #files: Readonly<Record<StoreKind, Map<StoreId, Uint8Array>>> = {
    packfiles: new Map(),
    states: new Map(),
    locks: new Map(),
  };

  constructor(deletable: boolean) {
    this.deletable = deletable;
  }

  async expectEmpty(): Promise<void> {
    if (this.#configuration) throw storeNotEmpty(this.location);
  }

  async create(configuration: Uint8Array): Promise<void> {
    await this.expectEmpty();
    this.#configuration = new Uint8Array(configuration);
  }

  async readConfiguration(): Promise<Uint8Array> {
    return new Uint8Array(this.#required());
  }

  async list(kind: StoreKind): Promise<StoredFile[]> {
    this.#required();
    return [...this.#files[kind]].map(([id, { length }]) => ({ id, sizeBytes: length }));
  }

  async get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = this.#files[kind].get(id);
    if (!bytes) throw fileMissing(kind, id);
    const { offset, length } = rangeWithin(range, bytes.length, () => fileShort(kind, id));
    return new Uint8Array(bytes.subarray(offset, offset + length));
  }

  async put(kind: StoreKind, id: StoreId, bytes: Uint8Array): Promise<void> {
    requireId(kind, id);
    this.#required();
    this.#files[kind].set(id, new Uint8Array(bytes));
  }

  async delete(kind: StoreKind, id: StoreId): Promise<void> {
    requireId(kind, id);
    this.#files[kind].delete(id);
  }

  async close(): Promise<void> {
    // it lives on: to open it again is to use it again
  }

  #required(): Uint8Array {
    if (!this.#configuration) throw storeMissing(this.location);
    return this.#configuration;
  }
}
