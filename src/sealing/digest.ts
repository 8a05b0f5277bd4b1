import { createHash } from "node:crypto";
import { blake3Stream } from "./authenticator.ts";
import type { Workspace } from "./workspace.ts";

/** Digests that users compare with those of other programs (sha256sum, b3sum). */
export const digestAlgorithms = ["SHA256", "BLAKE3", "SHA512", "SHA1", "MD5"] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

export interface Digest {
  update(bytes: Uint8Array): void;
  /** Ends it. */
  digest(): Uint8Array;
}

export function createDigest(algorithm: DigestAlgorithm, workspace: Workspace): Digest {
  if (algorithm === "BLAKE3") return blake3Stream(workspace);
  const hash = createHash(algorithm.toLowerCase());
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
}
