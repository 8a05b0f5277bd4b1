import { join } from "node:path";
import { isId } from "../format/index.ts";
import { mapBounded, type Random, systemCode, systemPatience, systemRandom } from "../foundation/index.ts";
import { absolutePath } from "../system/index.ts";
import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "./contract.ts";
import {
  configurationDamaged,
  fileMissing,
  fileShort,
  fileTooLarge,
  requireId,
  storeFailure,
  storeMissing,
} from "./failures.ts";
import { type DirectoryEntry, exists, type FileSystem, type ReadableFile, systemFileSystem } from "./file-system.ts";
import { createFsStore, expectEmptyDirectory } from "./fs/create.ts";
import { WritableDirectories } from "./fs/directories.ts";
import { writeDurably } from "./fs/durable-write.ts";
import { CONFIG_NAME, directoryOf, isBucket, isStored, temporaryDirectoryOf, temporaryName } from "./fs/layout.ts";
import { patientFileSystem } from "./fs/patient-file-system.ts";
import { MAX_READ_BYTES, rangeWithin, readExactly } from "./read-exactly.ts";

export interface FsStoreOptions {
  /** How the disk is reached: tests put one in between that fails, or loses power. */
  readonly fileSystem?: FileSystem;
  /** Names of temporary files come from it. */
  readonly random?: Random;
}

/** Real ones have less than 1 KiB. */
const MAX_CONFIG_BYTES = 1 << 20;
const onThisSystem = patientFileSystem(systemFileSystem, systemPatience());
/** Directories that are listed at once. */
const LANES = 8;

/** A store in a directory, which need not be there yet. `path` is taken relative to the working directory. */
export function openFsStore(path: string, options: FsStoreOptions = {}): Store {
  return new FsStore(absolutePath(path), options.fileSystem ?? onThisSystem, options.random ?? systemRandom);
}

/** The layout is in fs/layout.ts, what makes a write durable in fs/durable-write.ts and fs/directories.ts. */
class FsStore implements Store {
  readonly location: string;
  readonly writable = true;
  readonly deletable = true;
  readonly #fileSystem: FileSystem;
  readonly #random: Random;
  readonly #directories: WritableDirectories;

  constructor(location: string, fileSystem: FileSystem, random: Random) {
    this.location = location;
    this.#fileSystem = fileSystem;
    this.#random = random;
    this.#directories = new WritableDirectories(fileSystem, location);
  }

  expectEmpty(): Promise<void> {
    return this.#attempt(() => expectEmptyDirectory(this.#fileSystem, this.location));
  }

  create(configuration: Uint8Array): Promise<void> {
    return this.#attempt(() => createFsStore(this.#fileSystem, this.#random, this.location, configuration));
  }

  readConfiguration(): Promise<Uint8Array> {
    return this.#attempt(async () => {
      const file = await this.#openOr(join(this.location, CONFIG_NAME), (cause) => storeMissing(this.location, cause));
      try {
        const length = await file.sizeBytes();
        if (length > MAX_CONFIG_BYTES) throw configurationDamaged(this.location, "is far too long");
        const short = (): Error => configurationDamaged(this.location, "shrank while it was read");
        return await readExactly(file, { offset: 0, length }, short);
      } finally {
        await file.close();
      }
    });
  }

  list(kind: StoreKind, options: { readonly sizes?: boolean } = {}): Promise<StoredFile[]> {
    return this.#attempt(async () => {
      const top = join(this.location, kind);
      const entries = await this.#entries(top);
      if (!entries && !(await exists(this.#fileSystem, join(this.location, CONFIG_NAME)))) {
        throw storeMissing(this.location);
      }
      if (kind === "locks") return this.#stored(kind, idsIn(entries, undefined), options);
      const buckets = (entries ?? []).map(({ name }) => name).filter(isBucket);
      const ids = await mapBounded(buckets, LANES, async (bucket) =>
        idsIn(await this.#entries(join(top, bucket)), bucket),
      );
      return this.#stored(kind, ids.flat(), options);
    });
  }

  get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    return this.#attempt(async () => {
      // only ids become paths
      if (!isId(id)) throw fileMissing(kind, id);
      const file = await this.#openOr(this.#path(kind, id), (cause) => fileMissing(kind, id, cause));
      try {
        const short = (): Error => fileShort(kind, id);
        const wanted = rangeWithin(range, await file.sizeBytes(), short);
        if (wanted.length > MAX_READ_BYTES) throw fileTooLarge(kind, id, wanted.length);
        return await readExactly(file, wanted, short);
      } finally {
        await file.close();
      }
    });
  }

  put(kind: StoreKind, id: StoreId, bytes: Uint8Array): Promise<void> {
    return this.#attempt(async () => {
      requireId(kind, id);
      try {
        await this.#write(kind, id, bytes);
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw error;
        // a directory, or the temporary file itself, was removed by somebody else
        this.#directories.forget();
        await this.#write(kind, id, bytes);
      }
    });
  }

  delete(kind: StoreKind, id: StoreId): Promise<void> {
    return this.#attempt(async () => {
      requireId(kind, id);
      try {
        await this.#fileSystem.unlink(this.#path(kind, id));
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw error;
      }
    });
  }

  async close(): Promise<void> {
    // nothing stays open between two calls
  }

  async #write(kind: StoreKind, id: StoreId, bytes: Uint8Array): Promise<void> {
    await this.#directories.settle(kind, directoryOf(this.location, kind, id));
    const temporary = join(temporaryDirectoryOf(this.location, kind), temporaryName(this.#random));
    await writeDurably(this.#fileSystem, {
      temporary,
      final: this.#path(kind, id),
      bytes,
      onCreated: () => this.#directories.sweep(kind, temporary),
    });
  }

  async #openOr(path: string, missing: (cause: unknown) => Error): Promise<ReadableFile> {
    try {
      return await this.#fileSystem.open(path);
    } catch (error) {
      const code = systemCode(error);
      throw code === "ENOENT" || code === "ENOTDIR" ? missing(error) : error;
    }
  }

  /** What is in a directory; undefined where none is. */
  async #entries(directory: string): Promise<DirectoryEntry[] | undefined> {
    try {
      return await this.#fileSystem.list(directory);
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw error;
    }
  }

  async #stored(kind: StoreKind, ids: readonly string[], options: { readonly sizes?: boolean }): Promise<StoredFile[]> {
    if (!options.sizes) return ids.map((id) => ({ id }));
    const sizes = await this.#fileSystem.sizes(ids.map((id) => this.#path(kind, id)));
    // one that was deleted since it was listed is not there
    return ids.flatMap((id, index) => {
      const sizeBytes = sizes[index];
      return sizeBytes === undefined ? [] : [{ id, sizeBytes }];
    });
  }

  #path(kind: StoreKind, id: StoreId): string {
    return join(directoryOf(this.location, kind, id), id);
  }

  async #attempt<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw storeFailure(this.location, error);
    }
  }
}

function idsIn(entries: readonly DirectoryEntry[] | undefined, bucket: string | undefined): string[] {
  return (entries ?? []).flatMap(({ name, isDirectory }) => (!isDirectory && isStored(name, bucket) ? [name] : []));
}
