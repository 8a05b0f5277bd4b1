/** Sealing: plaintext becomes a blob and back. MAC, compression, encryption, and the keys for them; see docs/cryptography.md. */
/** The memory of a Kernels instance is where it works; nothing here touches a file, a store or a clock. */
export type { StreamingMac } from "./authenticator.ts";
export type { Plaintext, Sealed } from "./brands.ts";
export { configurationMac } from "./configuration-mac.ts";
export { checkCanary, createEncryption } from "./encryption/configuration.ts";
export type { OpenLimits } from "./failures.ts";
export { deriveSecret, type KdfStrength } from "./key-derivation.ts";
export { LocalMac } from "./local-mac.ts";
export { type SealingParameters, sealingParameters } from "./parameters.ts";
export { Sealer } from "./sealer.ts";
