import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../foundation/index.ts";
import { isOver, type Moment, now } from "./moment.ts";
import { SALT_BYTES, SECRET_BYTES, VERIFIER_BYTES } from "./protocol.ts";

/** Somebody who guesses at the socket gets so many tries; then the key is gone, and each costs a derivation again. */
const MAX_WRONG = 10;

const SLOT_BYTES = SALT_BYTES + VERIFIER_BYTES + SECRET_BYTES;
const MAX_KEYS = 40;
/** All keys lie in one block, which can be locked into memory as a whole. */
export const KEYRING_BYTES: number = MAX_KEYS * SLOT_BYTES;

interface Slot {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly verifier: Uint8Array<ArrayBuffer>;
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly all: Uint8Array<ArrayBuffer>;
}

interface Entry {
  readonly slot: Slot;
  used: Moment;
  wrong: number;
}

/**
 * What proves that somebody has the passphrase. A fast hash is enough for it: it is kept nowhere but beside the secret itself, and
 * who can read the one has the other. The salt is random for each key, so that nothing can be prepared for it.
 */
export function makeVerifier(salt: Uint8Array, passphrase: Uint8Array): Uint8Array {
  return createHmac("sha256", salt).update(passphrase).digest();
}

/**
 * Derived keys by what they open (the hash of a CONFIG: another CONFIG, another entry), each for half a minute after its
 * last use. A key is given only for the verifier of its passphrase.
 */
export class Keyring {
  readonly #clock: Clock;
  readonly #entries: Map<string, Entry> = new Map();
  readonly #free: Slot[];
  /** Keys given so far. */
  given = 0;
  /** Requests refused so far, for a wrong passphrase. */
  refused = 0;

  /** `memory`: KEYRING_BYTES, in which the keys are kept. */
  constructor(clock: Clock, memory: Uint8Array<ArrayBuffer>) {
    this.#clock = clock;
    this.#free = Array.from({ length: MAX_KEYS }, (_, i) => {
      const all = memory.subarray(i * SLOT_BYTES, (i + 1) * SLOT_BYTES);
      return {
        all,
        salt: all.subarray(0, SALT_BYTES),
        verifier: all.subarray(SALT_BYTES, SALT_BYTES + VERIFIER_BYTES),
        secret: all.subarray(SALT_BYTES + VERIFIER_BYTES),
      };
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The salt of the verifier that a key is given for; undefined when there is no such key. Asking is no use of it. */
  saltOf(identity: Uint8Array): Uint8Array | undefined {
    this.expire();
    return this.#entries.get(nameOf(identity))?.slot.salt;
  }

  /** The secret, in the ring's own memory. */
  get(identity: Uint8Array, verifier: Uint8Array): Uint8Array | "unknown" | "wrong" {
    this.expire();
    const entry = this.#entries.get(nameOf(identity));
    if (!entry) return "unknown";
    if (!timingSafeEqual(entry.slot.verifier, verifier)) {
      this.refused++;
      if (++entry.wrong >= MAX_WRONG) this.#forget(nameOf(identity), entry);
      return "wrong";
    }
    entry.used = now(this.#clock);
    entry.wrong = 0;
    this.given++;
    return entry.slot.secret;
  }

  /** Keeps a key; the one longest unused makes room. All is copied. */
  put(identity: Uint8Array, salt: Uint8Array, verifier: Uint8Array, secret: Uint8Array): void {
    this.expire();
    const name = nameOf(identity);
    const before = this.#entries.get(name);
    if (before) this.#forget(name, before);
    if (this.#free.length === 0) this.#forgetOldest();
    const slot = this.#free.pop() as Slot;
    slot.salt.set(salt);
    slot.verifier.set(verifier);
    slot.secret.set(secret);
    this.#entries.set(name, { slot, used: now(this.#clock), wrong: 0 });
  }

  /** Overwrites the keys whose time is over. */
  expire(): void {
    for (const [name, entry] of this.#entries) if (isOver(entry.used, this.#clock)) this.#forget(name, entry);
  }

  forgetAll(): void {
    for (const [name, entry] of this.#entries) this.#forget(name, entry);
  }

  #forgetOldest(): void {
    const byAge = [...this.#entries].toSorted(([, a], [, b]) => a.used.monotonicMs - b.used.monotonicMs);
    for (const [name, entry] of byAge.slice(0, 1)) this.#forget(name, entry);
  }

  #forget(name: string, { slot }: Entry): void {
    slot.all.fill(0);
    this.#entries.delete(name);
    this.#free.push(slot);
  }
}

function nameOf(identity: Uint8Array): string {
  return Buffer.from(identity.buffer, identity.byteOffset, identity.length).toString("latin1");
}
