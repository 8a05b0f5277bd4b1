import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "./contract.ts";
import { fileMissing, fileShort, storeMissing, storeNotEmpty } from "./failures.ts";

/** A store that lives as long as the process: for tests and simulation. */
export class MemoryStore implements Store {
  readonly location = "memory:";
  readonly writable = true;
  readonly deletable: boolean;
  #configuration: Uint8Array | undefined;
  readonly #files: Map<string, Uint8Array> = new Map();

  constructor(options: { readonly deletable?: boolean } = {}) {
    this.deletable = options.deletable ?? true;
  }

  async create(configuration: Uint8Array): Promise<void> {
    if (this.#configuration) throw storeNotEmpty(this.location);
    this.#configuration = configuration.slice();
  }

  async readConfiguration(): Promise<Uint8Array> {
    if (!this.#configuration) throw storeMissing(this.location);
    return this.#configuration.slice();
  }

  async list(kind: StoreKind, options: { readonly sizes?: boolean } = {}): Promise<StoredFile[]> {
    const files: StoredFile[] = [];
    for (const [key, bytes] of this.#files) {
      if (!key.startsWith(`${kind}/`)) continue;
      const id = key.slice(kind.length + 1);
      files.push(options.sizes ? { id, sizeBytes: bytes.length } : { id });
    }
    return files;
  }

  async get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = this.#files.get(`${kind}/${id}`);
    if (!bytes) throw fileMissing(kind, id);
    if (!range) return new Uint8Array(bytes);
    if (range.offset + range.length > bytes.length) throw fileShort(kind, id);
    return new Uint8Array(bytes.subarray(range.offset, range.offset + range.length));
  }

  async put(kind: StoreKind, id: StoreId, bytes: Uint8Array): Promise<void> {
    this.#files.set(`${kind}/${id}`, bytes.slice());
  }

  async delete(kind: StoreKind, id: StoreId): Promise<void> {
    this.#files.delete(`${kind}/${id}`);
  }

  async close(): Promise<void> {
    // lives on
  }
}
