import type { Kernels } from "../kernels/index.ts";
import { blake3, KeyedBlake3 } from "./authenticator.ts";
import { configurationDamaged } from "./failures.ts";
import { Workspace } from "./workspace.ts";

/** A CONFIG has some hundred bytes. */
const MAX_CONFIGURATION_BYTES = 1 << 20;

/**
 * The MAC of CONFIG: BLAKE3 whatever the store's hash is, keyed with the secret where there is one (kloset-format
 * section 1).
 */
export function configurationMac(
  secret: Uint8Array | null,
  kernels: Kernels,
): (bytes: Uint8Array) => Uint8Array<ArrayBuffer> {
  const workspace = Workspace.of(kernels);
  const keyed = secret && new KeyedBlake3(workspace, secret);
  return (bytes) => {
    if (bytes.length > MAX_CONFIGURATION_BYTES) throw configurationDamaged(`it has ${bytes.length} bytes`);
    return keyed ? keyed.mac(bytes) : blake3(workspace, bytes);
  };
}
