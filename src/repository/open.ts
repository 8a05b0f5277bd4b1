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

export interface OpenOptions {
  readonly store: Store;
  /** Asked for only when the store is encrypted. */
  readonly passphrase: () => Promise<Uint8Array>;
  readonly clock: Clock;
  readonly random: Random;
  readonly hostName: string;
  /** Where merged states are kept between runs; undefined keeps none. */
  readonly cacheDirectory: string | undefined;
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
  const { store, clock, random, hostName, cacheDirectory, onWarning, onDamage } = options;
  const configurationBytes = await store.readConfiguration();
  const kernels = options.kernels ?? instantiateKernels(compileKernels());
  const configuration = readConfiguration(configurationBytes, store.location);
  const secret = await unlock(configuration, options, kernels);
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

async function unlock(
  configuration: StoreConfiguration,
  options: OpenOptions,
  kernels: Kernels,
): Promise<Uint8Array | null> {
  if (!configuration.encryption) return null;
  const secret = await deriveSecret(configuration.encryption.kdf, await options.passphrase());
  if (!checkCanary(configuration, secret, kernels)) {
    throw new PlakarError("passphrase-wrong", `the passphrase does not open ${options.store.location}`, {
      kind: "denied",
      advice: "Give the passphrase that the store was created with; it cannot be recovered.",
    });
  }
  return secret;
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
