import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "../contract.ts";
import { fileMissing, fileShort, storeMissing } from "../failures.ts";
import { rangeWithin } from "../read-exactly.ts";

/** One call of a store. `number` counts from 1. */
export interface StoreOperation {
  readonly number: number;
  readonly name: "expectEmpty" | "create" | "readConfiguration" | "list" | "get" | "put" | "delete";
  readonly kind?: StoreKind;
  readonly id?: StoreId;
}

export type StoreFault =
  /** The call fails; `applied`: what it should do happened all the same, as when a service's answer is lost. */
  | { readonly fault: "error"; readonly error: Error; readonly applied?: boolean }
  /** A read finds no file (`list` none at all, `readConfiguration` no store). */
  | { readonly fault: "vanish" }
  /** A read finds the file, or CONFIG, cut off after so many bytes. */
  | { readonly fault: "truncate"; readonly toBytes: number }
  /** One bit of what is read is wrong, counted from the first of the answer, modulo its length. */
  | { readonly fault: "flip"; readonly bit: number };

/** What happens to an operation; undefined lets it pass. */
export type StoreFaults = (operation: StoreOperation) => StoreFault | undefined;

/** A store over another one that fails where `faults` says so. `operations` counts the calls. */
export function withFaults(store: Store, faults: StoreFaults): Store & { readonly operations: number } {
  return new FaultyStore(store, faults);
}

class FaultyStore implements Store {
  readonly location: string;
  readonly writable: boolean;
  readonly deletable: boolean;
  readonly #store: Store;
  readonly #faults: StoreFaults;
  operations = 0;

  constructor(store: Store, faults: StoreFaults) {
    this.location = store.location;
    this.writable = store.writable;
    this.deletable = store.deletable;
    this.#store = store;
    this.#faults = faults;
  }

  async expectEmpty(): Promise<void> {
    return this.#pass(this.#meet({ name: "expectEmpty" }), () => this.#store.expectEmpty());
  }

  async create(configuration: Uint8Array): Promise<void> {
    return this.#pass(this.#meet({ name: "create" }), () => this.#store.create(configuration));
  }

  async readConfiguration(): Promise<Uint8Array> {
    const fault = this.#meet({ name: "readConfiguration" });
    if (fault?.fault === "vanish") throw storeMissing(this.location);
    const bytes = await this.#pass(fault, () => this.#store.readConfiguration());
    return spoilt(new Uint8Array(bytes), fault);
  }

  async list(kind: StoreKind, options?: { readonly sizes?: boolean }): Promise<StoredFile[]> {
    const fault = this.#meet({ name: "list", kind });
    const files = await this.#pass(fault, () => this.#store.list(kind, options));
    return fault?.fault === "vanish" ? [] : files;
  }

  async get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const fault = this.#meet({ name: "get", kind, id });
    if (fault?.fault === "vanish") throw fileMissing(kind, id);
    const bytes = await this.#pass(fault, () => this.#store.get(kind, id, range));
    if (!range || fault?.fault !== "truncate") return spoilt(bytes, fault);
    rangeWithin(range, fault.toBytes, () => fileShort(kind, id));
    return bytes;
  }

  async put(kind: StoreKind, id: StoreId, bytes: Uint8Array): Promise<void> {
    return this.#pass(this.#meet({ name: "put", kind, id }), () => this.#store.put(kind, id, bytes));
  }

  async delete(kind: StoreKind, id: StoreId): Promise<void> {
    return this.#pass(this.#meet({ name: "delete", kind, id }), () => this.#store.delete(kind, id));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #meet(operation: Omit<StoreOperation, "number">): StoreFault | undefined {
    this.operations++;
    return this.#faults({ ...operation, number: this.operations });
  }

  async #pass<T>(fault: StoreFault | undefined, task: () => Promise<T>): Promise<T> {
    if (fault?.fault !== "error") return await task();
    if (fault.applied) await task();
    throw fault.error;
  }
}

/** What a reader gets of a file that was cut off or changed. */
function spoilt(bytes: Uint8Array<ArrayBuffer>, fault: StoreFault | undefined): Uint8Array<ArrayBuffer> {
  if (fault?.fault === "truncate") return bytes.slice(0, fault.toBytes);
  if (fault?.fault !== "flip" || bytes.length === 0) return bytes;
  const at = (fault.bit >> 3) % bytes.length;
  bytes[at] = (bytes[at] as number) ^ (1 << (fault.bit & 7));
  return bytes;
}
