import { createHmac, createSecretKey, type KeyObject } from "node:crypto";

/**
 * The MAC of what this machine keeps for itself, which no store ever sees: HMAC-SHA256 by node:crypto. It leaves kernel memory
 * as it is, so that it can be made while content lies there.
 */
export class LocalMac {
  readonly #key: KeyObject;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** 32 bytes, over all parts. */
  of(...parts: readonly Uint8Array[]): Uint8Array {
    const hmac = createHmac("sha256", this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  }
}
