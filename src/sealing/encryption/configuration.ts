import type { StoreConfiguration } from "../../format/index.ts";
import { isPlakarError, type Random } from "../../foundation/index.ts";
import type { Kernels } from "../../kernels/index.ts";
import { deriveSecret, type KdfStrength, newKdfParameters, SALT_BYTES } from "../key-derivation.ts";
import { type EncryptionParameters, encryptionParameters } from "../parameters.ts";
import { Workspace } from "../workspace.ts";
import { BlobCipher } from "./blob-cipher.ts";

type EncryptionConfiguration = NonNullable<StoreConfiguration["encryption"]>;

const SLICE_BYTES = 64 << 10;
const CANARY_BYTES = 32;
/** Opening draws nothing. */
const unused: Random = { bytes: (length) => new Uint8Array(length) };

/** CONFIG's section of a new encrypted store, and the secret that the passphrase makes with it. */
export async function createEncryption(
  passphrase: Uint8Array,
  options: { readonly kdf: KdfStrength },
  random: Random,
  kernels: Kernels,
): Promise<{ encryption: EncryptionConfiguration; secret: Uint8Array<ArrayBuffer> }> {
  const kdf = newKdfParameters(options.kdf, random.bytes(SALT_BYTES));
  const secret = await deriveSecret(kdf, passphrase);
  const parameters: EncryptionParameters = { subKeyAlgorithm: "AES256-KW", sliceBytes: SLICE_BYTES };
  const cipher = new BlobCipher(Workspace.of(kernels), parameters, secret, random);
  const canary = cipher.seal(random.bytes(CANARY_BYTES));
  const { subKeyAlgorithm, sliceBytes } = parameters;
  return {
    encryption: { subKeyAlgorithm, dataAlgorithm: "AES256-GCM-SIV", chunkSize: sliceBytes, kdf, canary },
    secret,
  };
}

/**
 * Whether the secret is that of this store: its canary, random bytes sealed when the store was made, opens. True for
 * plaintext stores. Fails with `algorithm-unknown` (kind newer) where CONFIG asks for what is not known here.
 */
export function checkCanary(configuration: StoreConfiguration, secret: Uint8Array, kernels: Kernels): boolean {
  const parameters = encryptionParameters(configuration);
  if (!parameters || !configuration.encryption) return true;
  const cipher = new BlobCipher(Workspace.of(kernels), parameters, secret, unused);
  try {
    cipher.open(configuration.encryption.canary, "the canary of CONFIG").fill(0);
    return true;
  } catch (error) {
    if (isPlakarError(error, "corrupted")) return false;
    throw error;
  }
}
