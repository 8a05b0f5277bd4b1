import { open, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isId } from "../format/index.ts";
import { type Random, systemCode, systemRandom, toHex } from "../foundation/index.ts";
import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "./contract.ts";
import { fileMissing, fileShort, storeFailure, storeMissing, storeNotEmpty } from "./failures.ts";
import { type FileSystem, systemFileSystem } from "./file-system.ts";

const CONFIG = "CONFIG";
const BUCKETS = 256;

export interface FsStoreOptions {
  readonly fileSystem?: FileSystem;
  readonly random?: Random;
}

/**
 * A store in a directory (kloset-format section 1): CONFIG, packfiles and states in 256 buckets by the first byte of the
 * id, locks flat. A file comes to be by write, fsync, rename, fsync of its directory: whole and durable, or not at all.
 */
export class FsStore implements Store {
  readonly location: string;
  readonly writable = true;
  readonly deletable = true;
  readonly #fs: FileSystem;
  readonly #random: Random;

  constructor(path: string, options: FsStoreOptions = {}) {
    this.location = resolve(path);
    this.#fs = options.fileSystem ?? systemFileSystem;
    this.#random = options.random ?? systemRandom;
  }

  async create(configuration: Uint8Array): Promise<void> {
    this.#attempt(() => {
      this.#makeEmptyDirectory();
      for (const kind of ["packfiles", "states", "locks"]) {
        this.#fs.mkdir(join(this.location, kind));
        if (kind === "locks") continue;
        for (let bucket = 0; bucket < BUCKETS; bucket++) {
          this.#fs.mkdir(join(this.location, kind, bucket.toString(16).padStart(2, "0")));
        }
        this.#fs.fsync(join(this.location, kind));
      }
      this.#write(join(this.location, this.#temporaryName()), join(this.location, CONFIG), configuration);
      this.#fs.fsync(dirname(this.location));
    });
  }

  async readConfiguration(): Promise<Uint8Array> {
    try {
      return await readFile(join(this.location, CONFIG));
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") throw storeMissing(this.location, error);
      throw storeFailure(this.location, error);
    }
  }

  async list(kind: StoreKind, options: { readonly sizes?: boolean } = {}): Promise<StoredFile[]> {
    return this.#attempt(() => {
      const top = join(this.location, kind);
      const folders =
        kind === "locks"
          ? [top]
          : this.#names(top)
              .filter((name) => /^[0-9a-f]{2}$/.test(name))
              .map((name) => join(top, name));
      const files: StoredFile[] = [];
      for (const folder of folders) {
        for (const id of this.#names(folder)) {
          if (!isId(id)) continue;
          files.push(options.sizes ? { id, sizeBytes: this.#fs.sizeOf(join(folder, id)) } : { id });
        }
      }
      return files;
    });
  }

  async get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(this.#path(kind, id), "r");
    } catch (error) {
      if (systemCode(error) === "ENOENT") throw fileMissing(kind, id, error);
      throw storeFailure(this.location, error);
    }
    try {
      const { offset, length } = range ?? { offset: 0, length: (await file.stat()).size };
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw fileShort(kind, id);
        done += bytesRead;
      }
      return bytes;
    } catch (error) {
      throw storeFailure(this.location, error);
    } finally {
      await file.close();
    }
  }

  async put(kind: StoreKind, id: StoreId, bytes: Uint8Array): Promise<void> {
    const folder = kind === "locks" ? this.location : join(this.location, kind);
    this.#attempt(() => this.#write(join(folder, this.#temporaryName()), this.#path(kind, id), bytes));
  }

  async delete(kind: StoreKind, id: StoreId): Promise<void> {
    this.#attempt(() => {
      try {
        this.#fs.unlink(this.#path(kind, id));
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw error;
      }
    });
  }

  async close(): Promise<void> {
    // nothing stays open between two calls
  }

  /** The durable write that I-01 rests on. */
  #write(temporary: string, final: string, bytes: Uint8Array): void {
    try {
      this.#fs.writeNew(temporary, bytes);
      this.#fs.fsync(temporary);
      this.#rename(temporary, final);
    } catch (error) {
      this.#discard(temporary);
      throw error;
    }
    this.#fs.fsync(dirname(final));
  }

  /** Stores of others may lack a bucket. */
  #rename(temporary: string, final: string): void {
    try {
      this.#fs.rename(temporary, final);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
      this.#fs.mkdir(dirname(final));
      this.#fs.fsync(dirname(dirname(final)));
      this.#fs.rename(temporary, final);
    }
  }

  #discard(temporary: string): void {
    try {
      this.#fs.unlink(temporary);
    } catch {
      // it was never made, or the disk is beyond writing: readers ignore its name
    }
  }

  #makeEmptyDirectory(): void {
    try {
      if (this.#fs.list(this.location).length > 0) throw storeNotEmpty(this.location);
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOTDIR") throw storeNotEmpty(this.location);
      if (code !== "ENOENT") throw error;
      this.#makeParents(dirname(this.location));
      this.#fs.mkdir(this.location);
    }
  }

  #makeParents(directory: string): void {
    try {
      this.#fs.list(directory);
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || directory === dirname(directory)) throw error;
      this.#makeParents(dirname(directory));
      this.#fs.mkdir(directory);
    }
  }

  /** Names in a directory; none where it is missing. */
  #names(directory: string): string[] {
    try {
      return this.#fs.list(directory);
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") return [];
      throw error;
    }
  }

  #path(kind: StoreKind, id: StoreId): string {
    return kind === "locks" ? join(this.location, kind, id) : join(this.location, kind, id.slice(0, 2), id);
  }

  /** Readers, the Go implementation's too, ignore such names. */
  #temporaryName(): string {
    return `tmp.${toHex(this.#random.bytes(8))}`;
  }

  #attempt<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw storeFailure(this.location, error);
    }
  }
}
