import { encodeConfiguration, ResourceType, type StoreConfiguration, V1_0_0, wrap } from "../format/index.ts";
import type { Clock, Random } from "../foundation/index.ts";
import { compileKernels, instantiateKernels } from "../kernels/index.ts";
import { configurationMac, createEncryption } from "../sealing/index.ts";
import type { Store } from "../store/contract.ts";

export interface CreateOptions {
  readonly store: Store;
  /** null makes a plaintext store. */
  readonly passphrase: Uint8Array | null;
  readonly hashing: "BLAKE3" | "SHA256";
  readonly compression: "LZ4" | "GZIP" | "ZSTD" | null;
  readonly kdf: "default" | "strong";
  readonly clock: Clock;
  readonly random: Random;
}

/** The constant that the Go implementation writes for its default level; readers ignore it. */
const DEFAULT_LEVEL = 131072;

/** Makes an empty store with Kloset's defaults (kloset-format section 1). Fails with kind `input` where something is. */
export async function createRepository(options: CreateOptions): Promise<StoreConfiguration> {
  const { store, passphrase, clock, random } = options;
  const kernels = instantiateKernels(compileKernels());
  const made = passphrase ? await createEncryption(passphrase, { kdf: options.kdf }, random, kernels) : null;
  const configuration: StoreConfiguration = {
    version: V1_0_0,
    timestampNs: clock.nowNs(),
    repositoryId: randomUuid(random),
    packfile: { minBytes: 0n, averageBytes: 0n, maxBytes: 64n << 20n },
    chunking: { algorithm: "fastcdc-v1.0.0", minBytes: 512 << 10, normalBytes: 1 << 20, maxBytes: 8 << 20 },
    hashing: { algorithm: options.hashing, bits: 256 },
    compression: options.compression && {
      algorithm: options.compression,
      level: DEFAULT_LEVEL,
      windowSize: -1,
      chunkSize: -1,
      blockSize: -1,
      enableCrc: false,
    },
    encryption: made?.encryption ?? null,
  };
  const body = encodeConfiguration(configuration);
  await store.create(wrap(ResourceType.config, V1_0_0, body, configurationMac(made?.secret ?? null, kernels)));
  return configuration;
}

/** RFC 9562, version 4. */
function randomUuid(random: Random): Uint8Array<ArrayBuffer> {
  const uuid = random.bytes(16);
  uuid[6] = ((uuid[6] as number) & 0x0f) | 0x40;
  uuid[8] = ((uuid[8] as number) & 0x3f) | 0x80;
  return uuid;
}
