import { createHash } from "node:crypto";

export type Algorithm = "sha1" | "sha256" | "sha512";

export function digestOf(content: Uint8Array, algorithm: Algorithm): string {
  return createHash(algorithm).update(content).digest("hex");
}
