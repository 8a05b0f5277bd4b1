import { createHash } from "node:crypto";
import type { StoreConfiguration } from "../format/index.ts";
import { PlakarError } from "../foundation/index.ts";
import { compileKernels, instantiateKernels, type Kernels } from "../kernels/index.ts";
import { blake3 } from "./authenticator.ts";
import { asWrapAlgorithm, type WrapAlgorithm } from "./encryption/subkey-wrap.ts";
import { algorithmUnknown, configurationDamaged } from "./failures.ts";
import { Workspace } from "./workspace.ts";

export type HashingAlgorithm = "BLAKE3" | "SHA256";
export type CompressionAlgorithm = "LZ4" | "GZIP" | "ZSTD";

export interface EncryptionParameters {
  /** How the key of a blob is wrapped. */
  readonly subKeyAlgorithm: WrapAlgorithm;
  /** Plaintext bytes of a slice; only a stream's last one is shorter. */
  readonly sliceBytes: number;
  /**
   * Seals each blob under a subkey of its own, as the Go implementation does, so that packfiles do not show where a blob
   * begins (docs/cryptography.md). Costs 7 microseconds a blob, and 10 when it is read.
   */
  readonly subkeyPerBlob?: boolean;
}

/** All that a Sealer needs to know of a store. Plain, so that it can be posted to worker threads; it holds the keys. */
export interface SealingParameters {
  readonly hashing: HashingAlgorithm;
  readonly compression: CompressionAlgorithm | null;
  readonly encryption: EncryptionParameters | null;
  /** 32 bytes: the secret, or in plaintext stores a hash of the repository's id. */
  readonly macKey: Uint8Array;
  /** 32 bytes; null in plaintext stores. */
  readonly secret: Uint8Array | null;
}

/** Go has 64 KiB and no way to choose; more than this would need more kernel memory than there is. */
const MAX_SLICE_BYTES = 1 << 20;
const ID_ROOM_BYTES = 9 << 20;

/**
 * What CONFIG says of sealing. `secret` is null exactly for plaintext stores. Their key is a hash, for which kernels are
 * needed; without an instance at hand one is made for the moment. Fails with `algorithm-unknown` (kind newer) for names
 * that are not known, `config-damaged` for sizes that no store has.
 */
export function sealingParameters(
  configuration: StoreConfiguration,
  secret: Uint8Array | null,
  kernels?: Kernels,
): SealingParameters {
  const encryption = encryptionParameters(configuration);
  assertMatching(encryption, secret);
  const hashing = asHashing(configuration.hashing.algorithm);
  return {
    hashing,
    compression: configuration.compression && asCompression(configuration.compression.algorithm),
    encryption,
    macKey: secret ?? publicMacKey(hashing, configuration.repositoryId, kernels),
    secret,
  };
}

/** Nothing may be sealed in the clear because a secret was forgotten. */
export function assertMatching(encryption: EncryptionParameters | null, secret: Uint8Array | null): void {
  if ((encryption === null) === (secret === null)) return;
  throw new PlakarError("secret-mismatch", "a secret belongs to an encrypted store, and to no other", { kind: "bug" });
}

/** The encryption that CONFIG asks for, checked; null for plaintext stores. */
export function encryptionParameters({ encryption }: StoreConfiguration): EncryptionParameters | null {
  if (!encryption) return null;
  const { subKeyAlgorithm, dataAlgorithm, chunkSize } = encryption;
  if (dataAlgorithm !== "AES256-GCM-SIV") throw algorithmUnknown("encryption", dataAlgorithm);
  if (!(Number.isInteger(chunkSize) && chunkSize > 0 && chunkSize <= MAX_SLICE_BYTES)) {
    throw configurationDamaged(`slices of ${chunkSize} bytes`);
  }
  return { subKeyAlgorithm: asWrapAlgorithm(subKeyAlgorithm), sliceBytes: chunkSize };
}

function asHashing(name: string): HashingAlgorithm {
  if (name === "BLAKE3" || name === "SHA256") return name;
  throw algorithmUnknown("hash", name);
}

function asCompression(name: string): CompressionAlgorithm {
  if (name === "LZ4" || name === "GZIP" || name === "ZSTD") return name;
  throw algorithmUnknown("compression", name);
}

/** The MAC key of a plaintext store. Anybody who can read CONFIG can compute it. */
function publicMacKey(hashing: HashingAlgorithm, repositoryId: Uint8Array, kernels?: Kernels): Uint8Array {
  if (hashing === "SHA256") return new Uint8Array(createHash("sha256").update(repositoryId).digest());
  const at = kernels ?? instantiateKernels(compileKernels(), { arenaBytes: ID_ROOM_BYTES });
  return blake3(Workspace.of(at), repositoryId);
}
