import {
  decodeConfiguration,
  ResourceType,
  type StoreConfiguration,
  unwrap,
  unwrapUnchecked,
  V1_0_0,
} from "../format/index.ts";
import { type Clock, corrupted, isPlakarError, messageOf, PlakarError, type Random } from "../foundation/index.ts";
import { compileKernels, instantiateKernels, type Kernels } from "../kernels/index.ts";
import { checkCanary, configurationMac, deriveSecret, Sealer, sealingParameters } from "../sealing/index.ts";
import type { Store } from "../store/contract.ts";
import { Repository } from "./repository.ts";
import type { KeptStates } from "./state-cache.ts";

/** Who may know a store's secret already. Neither call fails. */
export interface KeptSecrets {
  /** The secret of the store with this CONFIG; "wrong" where it is known and belongs to another passphrase. */
  ask(configuration: Uint8Array, passphrase: Uint8Array): Promise<Uint8Array | "unknown" | "wrong">;
  /** A secret that was derived, and opens the store. */
  learn(configuration: Uint8Array, passphrase: Uint8Array, secret: Uint8Array): void;
}

export interface OpenOptions {
  readonly store: Store;
  /** Asked for only when the store is encrypted. */
  readonly passphrase: () => Promise<Uint8Array>;
  /** Without it the secret is derived. */
  readonly keptSecrets?: KeptSecrets | undefined;
  /** Called when the derivation has begun, which other threads do. */
  readonly meanwhile?: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly hostName: string;
  /** Where merged states are kept between runs; undefined keeps none. */
  readonly cacheDirectory: string | undefined;
  /** Where else, when that cannot be written. */
  readonly keptStates?: KeptStates | undefined;
  readonly onWarning: (message: string) => void;
  /** Damage that was met and does not stop the work: the work goes on with the rest. */
  readonly onDamage: (error: PlakarError) => void;
  readonly kernels?: Kernels;
}

/**
 * Reads CONFIG, asks for the passphrase where there is one, derives the keys. Fails with `store-missing`, `config-damaged`
 * (both: cannot be opened), `passphrase-wrong`, or kind `newer`.
 */
export async function openRepository(options: OpenOptions): Promise<Repository> {
  const { store, clock, random, hostName, cacheDirectory, keptStates, onWarning, onDamage } = options;
  const configurationBytes = await store.readConfiguration();
  const kernels = options.kernels ?? instantiateKernels(compileKernels());
  const configuration = readConfiguration(configurationBytes, store.location);
  const secret = await unlock(configuration, configurationBytes, options, kernels);
  verifyConfiguration(configurationBytes, secret, kernels, store.location);
  const sealing = sealingParameters(configuration, secret, kernels);
  const sealer = new Sealer(sealing, kernels, random);
  return new Repository({
    store,
    configuration,
    configurationBytes,
    sealing,
    sealer,
    kernels,
    clock,
    random,
    hostName,
    cacheDirectory,
    keptStates,
    onWarning,
    onDamage,
  });
}

function readConfiguration(bytes: Uint8Array, location: string): StoreConfiguration {
  try {
    const { type, version, body } = unwrapUnchecked(bytes);
    if (type !== ResourceType.config) throw corrupted("config-damaged", "it is of another type");
    if (version > V1_0_0) throw newer(location);
    return { ...decodeConfiguration(body), version };
  } catch (error) {
    if (isPlakarError(error, "newer")) throw error;
    throw damaged(location, error);
  }
}

/** The secret, which opens the canary wherever it comes from: nothing is read or sealed under one that does not. */
async function unlock(
  configuration: StoreConfiguration,
  configurationBytes: Uint8Array,
  options: OpenOptions,
  kernels: Kernels,
): Promise<Uint8Array | null> {
  if (!configuration.encryption) return null;
  const { keptSecrets, store } = options;
  const passphrase = await options.passphrase();
  const kept = await keptSecrets?.ask(configurationBytes, passphrase);
  if (kept === "wrong") throw wrongPassphrase(store.location);
  if (kept instanceof Uint8Array && checkCanary(configuration, kept, kernels)) return kept;
  const derivation = deriveSecret(configuration.encryption.kdf, passphrase);
  options.meanwhile?.();
  const secret = await derivation;
  if (!checkCanary(configuration, secret, kernels)) throw wrongPassphrase(store.location);
  keptSecrets?.learn(configurationBytes, passphrase, secret);
  return secret;
}

function wrongPassphrase(location: string): PlakarError {
  return new PlakarError("passphrase-wrong", `the passphrase does not open ${location}`, {
    kind: "denied",
    advice: "Give the passphrase that the store was created with; it cannot be recovered.",
  });
}

/** CONFIG's own MAC: BLAKE3, keyed with the secret where there is one. Known only once the passphrase is right. */
function verifyConfiguration(bytes: Uint8Array, secret: Uint8Array | null, kernels: Kernels, location: string): void {
  const expect = { type: ResourceType.config, maxVersion: V1_0_0, what: "CONFIG" };
  try {
    unwrap(bytes, expect, configurationMac(secret, kernels));
  } catch (error) {
    throw damaged(location, error);
  }
}

function damaged(location: string, cause: unknown): PlakarError {
  return new PlakarError("config-damaged", `${location}/CONFIG is damaged: ${messageOf(cause)}`, {
    kind: "corrupted",
    advice: "Put back a copy of CONFIG; without it nothing in the store can be read.",
    cause,
  });
}

function newer(location: string): PlakarError {
  return new PlakarError("version-newer", `${location} was made by a newer version`, {
    kind: "newer",
    advice: "Install a newer plakar.",
  });
}
