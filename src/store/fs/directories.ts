import { dirname, join } from "node:path";
import { systemCode } from "../../foundation/index.ts";
import type { StoreKind } from "../contract.ts";
import { storeMissing } from "../failures.ts";
import { type DirectoryEntry, exists, type FileSystem, makeDirectory } from "../file-system.ts";
import { CONFIG_NAME, isBucket, isTemporary, temporaryDirectoryOf } from "./layout.ts";

/** Files under a temporary name that nobody has written to for this long are left over from a program that was stopped. */
const LEFT_BEHIND_MS = 24 * 3600 * 1000;

/**
 * The directories that files are written into. A file survives a power cut only when every directory above it does, and
 * one that is merely there may have been made by a program that was stopped before it synced: so each is synced once by
 * every program that writes. Stores that were copied by tools which leave out empty directories get theirs back.
 */
export class WritableDirectories {
  readonly #fileSystem: FileSystem;
  readonly #root: string;
  /** By path; what is here was synced, or is being synced. */
  readonly #settled: Map<string, Promise<void>> = new Map();
  /** Temporary files that were there before this program wrote its own. */
  readonly #leftOver: Map<StoreKind, string[]> = new Map();

  constructor(fileSystem: FileSystem, root: string) {
    this.#fileSystem = fileSystem;
    this.#root = root;
  }

  /** Resolves when `directory`, of files of this kind, and all above it are durable. Fails with `store-missing`. */
  async settle(kind: StoreKind, directory: string): Promise<void> {
    await this.#once(join(this.#root, kind), () => this.#settleKind(kind));
    await this.#once(directory, () => this.#make(directory));
  }

  /** Somebody removed a directory: all are looked at again. */
  forget(): void {
    this.#settled.clear();
  }

  /**
   * Removes what was left behind under temporary names, the first time a file of the kind is written. Ages are told by
   * the file system's own clock: `fresh` is a file that was made a moment ago.
   */
  async sweep(kind: StoreKind, fresh: string): Promise<void> {
    const names = this.#leftOver.get(kind) ?? [];
    this.#leftOver.delete(kind);
    if (names.length === 0) return;
    try {
      const now = (await this.#fileSystem.stat(fresh)).modifiedMs;
      for (const name of names) await this.#removeOld(join(temporaryDirectoryOf(this.#root, kind), name), now);
    } catch {
      // it costs nothing but space: the next program tries again
    }
  }

  async #removeOld(path: string, now: number): Promise<void> {
    if (now - (await this.#fileSystem.stat(path)).modifiedMs > LEFT_BEHIND_MS) await this.#fileSystem.unlink(path);
  }

  #once(path: string, settle: () => Promise<void>): Promise<void> {
    const known = this.#settled.get(path);
    if (known) return known;
    const settling = settle();
    this.#settled.set(path, settling);
    void settling.catch(() => this.#settled.delete(path));
    return settling;
  }

  async #settleKind(kind: StoreKind): Promise<void> {
    const top = join(this.#root, kind);
    const entries = await this.#entriesOrMake(temporaryDirectoryOf(this.#root, kind));
    const names = entries.map(({ name }) => name);
    this.#leftOver.set(kind, names.filter(isTemporary));
    if (kind === "locks" && !names.includes(kind)) await this.#make(top);
    await this.#fileSystem.syncDirectory(this.#root);
    if (kind === "locks") return;
    await this.#fileSystem.syncDirectory(top);
    // listed before they were synced, so these are durable; a bucket that is not among them is settled by itself
    for (const name of names.filter(isBucket)) this.#settled.set(join(top, name), Promise.resolve());
  }

  async #entriesOrMake(directory: string): Promise<DirectoryEntry[]> {
    try {
      return await this.#fileSystem.list(directory);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
      await this.#make(directory);
      return [];
    }
  }

  /** Never makes a store where none is: below a mount point, say, whose disk is gone. */
  async #make(directory: string): Promise<void> {
    if (!(await exists(this.#fileSystem, join(this.#root, CONFIG_NAME)))) throw storeMissing(this.#root);
    await makeDirectory(this.#fileSystem, directory);
    // also when another program made it: it may not have come to this yet
    await this.#fileSystem.syncDirectory(dirname(directory));
  }
}
