import type { Clock } from "../../src/foundation/index.ts";
import { systemClock, systemRandom } from "../../src/foundation/index.ts";
import {
  type BackupOptions,
  type BackupReport,
  backup,
  type CheckReport,
  check,
  type RestoreOptions,
  type RestoreReport,
  restore,
} from "../../src/operations/index.ts";
import { createRepository, openRepository, type Repository } from "../../src/repository/index.ts";
import type { Store } from "../../src/store/contract.ts";

/** The use cases run in this process on any store: opened anew for each, as each command does. */
export class InProcess {
  readonly store: Store;
  readonly warnings: string[] = [];
  readonly #passphrase: string | null;
  readonly #clock: Clock;

  constructor(store: Store, options: { readonly passphrase?: string | null; readonly clock?: Clock } = {}) {
    this.store = store;
    this.#passphrase = options.passphrase ?? null;
    this.#clock = options.clock ?? systemClock;
  }

  async create(): Promise<void> {
    await createRepository({
      store: this.store,
      passphrase: this.#passphrase === null ? null : Buffer.from(this.#passphrase),
      hashing: "BLAKE3",
      compression: "LZ4",
      kdf: "default",
      clock: this.#clock,
      random: systemRandom,
    });
  }

  open(store: Store = this.store): Promise<Repository> {
    return openRepository({
      store,
      passphrase: async () => Buffer.from(this.#passphrase ?? ""),
      clock: this.#clock,
      random: systemRandom,
      hostName: "test",
      cacheDirectory: undefined,
      onWarning: (message) => this.warnings.push(message),
      onDamage: ({ message }) => this.warnings.push(message),
    });
  }

  async loaded(): Promise<Repository> {
    const repository = await this.open();
    await repository.load();
    return repository;
  }

  async backup(path: string, options: Partial<BackupOptions> = {}): Promise<BackupReport> {
    return backup(await this.open(), { ...backupOptions, paths: [path], ...options });
  }

  async restore(target: string, to: string, options: Partial<RestoreOptions> = {}): Promise<RestoreReport> {
    const usual = { targets: [target], to, skipPermissions: false, workers: 1, progress: (): void => undefined };
    return restore(await this.open(), { ...usual, ...options });
  }

  async check(...targets: readonly string[]): Promise<CheckReport> {
    return check(await this.open(), { targets, fast: false, workers: 1, progress: () => undefined });
  }
}

/** A backup with one worker and nothing out of the ordinary. */
export const backupOptions: Omit<BackupOptions, "paths"> = {
  name: "default",
  category: "",
  environment: "",
  perimeter: "",
  job: "",
  tags: [],
  skipUnchanged: false,
  noXattr: false,
  padding: false,
  commandLine: "test",
  workers: 1,
  cache: "parent",
  progress: () => undefined,
};
