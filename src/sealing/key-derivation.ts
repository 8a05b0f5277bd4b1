import { argon2, pbkdf2, scrypt } from "node:crypto";
import type { KdfParameters } from "../format/index.ts";
import { messageOf } from "../foundation/index.ts";
import { algorithmUnknown, configurationDamaged } from "./failures.ts";

const SECRET_BYTES = 32;
export const SALT_BYTES = 16;

/** A CONFIG that asks for more would only be there to exhaust the machine that opens it. */
const MAX_MEMORY_BYTES = 4 * 2 ** 30;
const MAX_ARGON2_PASSES = 64;
const MAX_SCRYPT_PARALLELISM = 64;
const MAX_PBKDF2_ITERATIONS = 100_000_000;

/** How much guessing a passphrase shall cost in stores that are made here. */
export type KdfStrength = "default" | "strong";

/**
 * `default`: the second recommendation of RFC 9106, section 4 (64 MiB, 3 passes, 4 lanes). `strong`: what the Go
 * implementation writes (256 MiB, 4 passes, 1 lane). The costs of both are in docs/cryptography.md.
 */
export function newKdfParameters(strength: KdfStrength, salt: Uint8Array): KdfParameters {
  const cost =
    strength === "default"
      ? { time: 3, memoryKiB: 64 << 10, threads: 4 }
      : { time: 4, memoryKiB: 256 << 10, threads: 1 };
  return { algorithm: "ARGON2ID", salt, argon2id: { saltSize: salt.length, ...cost, keyLength: SECRET_BYTES } };
}

/**
 * The store's secret, 32 bytes, from the passphrase's bytes. Runs outside the main thread. Fails with
 * `algorithm-unknown` (kind newer), or `config-damaged` for costs that no store has. Nothing tells here whether the
 * passphrase is right: see checkCanary.
 */
export async function deriveSecret(kdf: KdfParameters, passphrase: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const derive = derivation(kdf);
  let derived: Buffer;
  try {
    derived = await derive(passphrase);
  } catch (error) {
    throw configurationDamaged(`its key derivation is refused (${messageOf(error)})`, error);
  }
  const secret = new Uint8Array(derived);
  derived.fill(0);
  return secret;
}

type Derivation = (passphrase: Uint8Array) => Promise<Buffer>;

/** Checks the parameters before any work is done. */
function derivation(kdf: KdfParameters): Derivation {
  switch (kdf.algorithm) {
    case "ARGON2ID":
      return byArgon2id(kdf);
    case "SCRYPT":
      return byScrypt(kdf);
    case "PBKDF2":
      return byPbkdf2(kdf);
    default:
      throw algorithmUnknown("key derivation", kdf.algorithm);
  }
}

/** Argon2id, version 1.3 (RFC 9106). */
function byArgon2id({ salt, argon2id: cost }: KdfParameters): Derivation {
  if (!cost) throw configurationDamaged("the costs of its key derivation are missing");
  within(cost.time, 1, MAX_ARGON2_PASSES, "passes");
  within(cost.memoryKiB * 1024, 1, MAX_MEMORY_BYTES, "bytes of memory");
  within(cost.threads, 1, 255, "lanes");
  within(cost.keyLength, SECRET_BYTES, SECRET_BYTES, "bytes of key");
  return (message) =>
    settled((done) =>
      argon2(
        "argon2id",
        {
          message,
          nonce: salt,
          passes: cost.time,
          // as Argon2 does with less: eight blocks a lane at least
          memory: Math.max(cost.memoryKiB, cost.threads * 8),
          parallelism: cost.threads,
          tagLength: SECRET_BYTES,
        },
        done,
      ),
    );
}

/** scrypt (RFC 7914). */
function byScrypt({ salt, scrypt: cost }: KdfParameters): Derivation {
  if (!cost) throw configurationDamaged("the costs of its key derivation are missing");
  const { n, r, p } = cost;
  within(n, 2, MAX_MEMORY_BYTES, "rounds");
  within(r, 1, MAX_MEMORY_BYTES, "blocks");
  within(p, 1, MAX_SCRYPT_PARALLELISM, "lanes");
  const memoryBytes = 128 * r * (n + p + 2);
  within(memoryBytes, 1, MAX_MEMORY_BYTES, "bytes of memory");
  within(cost.keyLength, SECRET_BYTES, SECRET_BYTES, "bytes of key");
  return (password) =>
    settled((done) => scrypt(password, salt, SECRET_BYTES, { N: n, r, p, maxmem: memoryBytes }, done));
}

/** PBKDF2 (RFC 8018) with HMAC-SHA256. */
function byPbkdf2({ salt, pbkdf2: cost }: KdfParameters): Derivation {
  if (!cost) throw configurationDamaged("the costs of its key derivation are missing");
  if (cost.hashing !== "SHA256") throw algorithmUnknown("hash of the key derivation", cost.hashing);
  within(cost.iterations, 1, MAX_PBKDF2_ITERATIONS, "iterations");
  within(cost.keyLength, SECRET_BYTES, SECRET_BYTES, "bytes of key");
  return (password) => settled((done) => pbkdf2(password, salt, cost.iterations, SECRET_BYTES, "sha256", done));
}

function within(value: number, least: number, most: number, what: string): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw configurationDamaged(`its key derivation takes ${value} ${what}`);
}

function settled(start: (done: (error: Error | null, derived: Buffer) => void) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    start((error, derived) => (error ? reject(error) : resolve(derived)));
  });
}
