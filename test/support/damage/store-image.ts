import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "../../../src/store/contract.ts";
import { createMemoryStore, type FileSystem, openPtarStore } from "../../../src/store/index.ts";

/** One file of a store: `CONFIG`, `packfiles/ID`, `states/ID`, or `ptar`, the only one of its kind. */
export type ImagePath = string;

/** The files of a store, all of them in memory. A damaged image shares what is whole with the one that it comes from. */
export type StoreImage = ReadonlyMap<ImagePath, Uint8Array>;

/** A store that reads an image. */
export function storeOf(image: StoreImage): Store {
  return image.has("ptar") || image.size === 0 ? ptarOf(image.get("ptar")) : new ImageStore(image);
}

/** The image with a file changed, or without it. */
export function changed(image: StoreImage, path: ImagePath, bytes: Uint8Array | undefined): StoreImage {
  const copy = new Map(image);
  if (bytes === undefined) copy.delete(path);
  else copy.set(path, bytes);
  return copy;
}

/** Everything in a store but its locks. */
export async function imageOf(store: Store): Promise<StoreImage> {
  const image = new Map<ImagePath, Uint8Array>([["CONFIG", await store.readConfiguration()]]);
  for (const kind of ["packfiles", "states"] as const) {
    for (const { id } of await store.list(kind)) image.set(`${kind}/${id}`, await store.get(kind, id));
  }
  return image;
}

/** A memory store with the files of an image, which can be written. */
export async function writableStoreOf(image: StoreImage): Promise<Store> {
  const store = createMemoryStore();
  await store.create(image.get("CONFIG") as Uint8Array);
  for (const [path, bytes] of image) {
    const [kind, id] = path.split("/") as [StoreKind, StoreId | undefined];
    if (id !== undefined) await store.put(kind, id, bytes);
  }
  return store;
}

/** Errors of what is missing or short are those of the memory store, which passes the contract. */
class ImageStore implements Store {
  readonly location = "image:";
  readonly writable = false;
  readonly deletable = false;
  readonly #image: StoreImage;
  readonly #empty = createMemoryStore();

  constructor(image: StoreImage) {
    this.#image = image;
  }

  async expectEmpty(): Promise<void> {
    throw new Error("an image is not written");
  }

  async create(): Promise<void> {
    throw new Error("an image is not written");
  }

  async readConfiguration(): Promise<Uint8Array> {
    return this.#image.get("CONFIG") ?? this.#empty.readConfiguration();
  }

  async list(kind: StoreKind): Promise<StoredFile[]> {
    return [...this.#image].flatMap(([path, { length }]) =>
      path.startsWith(`${kind}/`) ? [{ id: path.slice(kind.length + 1), sizeBytes: length }] : [],
    );
  }

  async get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = this.#image.get(`${kind}/${id}`);
    if (bytes === undefined || (range && range.offset + range.length > bytes.length)) {
      return this.#refusal(kind, id, bytes, range);
    }
    const start = range?.offset ?? 0;
    return new Uint8Array(bytes.subarray(start, range ? start + range.length : bytes.length));
  }

  async #refusal(
    kind: StoreKind,
    id: StoreId,
    bytes: Uint8Array | undefined,
    range: ByteRange | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const store = createMemoryStore();
    await store.create(new Uint8Array());
    if (bytes) await store.put(kind, id, bytes);
    return store.get(kind, id, range);
  }

  async put(): Promise<void> {
    throw new Error("an image is not written");
  }

  async delete(): Promise<void> {
    throw new Error("an image is not written");
  }

  async close(): Promise<void> {
    // nothing is open
  }
}

/** The real store for ptars, on a file in memory. */
function ptarOf(bytes: Uint8Array | undefined): Store {
  const open: FileSystem["open"] = async () => {
    if (!bytes) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    return {
      sizeBytes: async () => bytes.length,
      read: async (into, position) => {
        const part = bytes.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      close: async () => undefined,
    };
  };
  return openPtarStore("/image.ptar", { fileSystem: { open } as FileSystem });
}
