import { hostname } from "node:os";
import { cacheDirectory, type PlakarError, systemClock, systemRandom } from "../foundation/index.ts";
import {
  createRepository,
  type KeptSecrets,
  type KeptStates,
  openRepository as open,
  type Repository,
} from "../repository/index.ts";
import { openStore, withThrottle } from "../store/index.ts";

export type { KeptSecrets, KeptStates } from "../repository/index.ts";

export interface CreateStoreOptions {
  readonly location: string;
  /** Asked for only where a store can be made; null makes a plaintext store. */
  readonly passphrase: () => Promise<Uint8Array | null>;
  readonly hashing: "BLAKE3" | "SHA256";
  readonly compression: "LZ4" | "GZIP" | "ZSTD" | null;
  readonly kdf: "default" | "strong";
}

/** Makes an empty store at a location. */
export async function createStore(
  options: CreateStoreOptions,
): Promise<{ repositoryId: string; location: string; encrypted: boolean }> {
  const store = await openStore(options.location);
  try {
    await store.expectEmpty();
    const passphrase = await options.passphrase();
    const dependencies = { store, clock: systemClock, random: systemRandom };
    const { repositoryId, encryption } = await createRepository({ ...options, ...dependencies, passphrase });
    return { repositoryId: formatUuid(repositoryId), location: store.location, encrypted: encryption !== null };
  } finally {
    await store.close();
  }
}

export interface OpenRepositoryOptions {
  readonly location: string;
  /** Asked only when the store is encrypted. */
  readonly passphrase: () => Promise<Uint8Array>;
  /** Who may know the secret already, and keeps merged states where no cache can be written. */
  readonly agent?: (KeptSecrets & KeptStates) | undefined;
  /** Work that needs no key, for the time in which one is derived. `location`: of the store. */
  readonly meanwhile?: ((location: string) => void) | undefined;
  /** Bytes a second to and from the store, at most. */
  readonly limits?: { readonly uploadBytesPerSecond?: number; readonly downloadBytesPerSecond?: number };
  /** Ends what waits for a limit. */
  readonly signal?: AbortSignal;
  readonly onWarning?: (message: string) => void;
  readonly onDamage?: (error: PlakarError) => void;
}

export async function openRepository(options: OpenRepositoryOptions): Promise<Repository> {
  const store = await openStore(options.location);
  return open({
    store: options.limits ? withThrottle(store, { ...options.limits, signal: options.signal }) : store,
    passphrase: options.passphrase,
    keptSecrets: options.agent,
    keptStates: options.agent,
    meanwhile: () => options.meanwhile?.(store.location),
    clock: systemClock,
    random: systemRandom,
    hostName: hostname(),
    cacheDirectory: cacheDirectory(),
    onWarning: options.onWarning ?? (() => undefined),
    onDamage: options.onDamage ?? (() => undefined),
  });
}

/** The dashed form of RFC 9562. */
export function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
