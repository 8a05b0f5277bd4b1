/*
 * Who stores a new blob: a lock-free table in shared memory, so that two workers that meet the same content at once store
 * it once. It grows by segments, each four times the last: small backups touch little memory. When the first claims of a
 * blob fall together with the opening of a segment, two workers may both win; the blob is then stored twice, which the
 * format allows.
 *
 * A slot is six 32-bit words: state (0 free, 1 being written, 2 written), then 19 MAC bytes and the type.
 */
const SLOT_WORDS = 6;
const SEGMENTS = 8;
const FIRST_SLOTS = 1 << 15;
/** Later ones would be gigabytes that are promised and hardly ever used, which not every system grants: they grow when they are opened. */
const FIXED_SEGMENTS = 4;

export interface SharedClaims {
  /** Word k: slots in use of segment k. */
  readonly counts: SharedArrayBuffer;
  readonly segments: readonly SharedArrayBuffer[];
}

export function shareClaims(): SharedClaims {
  // Memory of a segment is only touched once it is used: the system gives it out page by page.
  const segments = Array.from({ length: SEGMENTS }, (_, k) =>
    k < FIXED_SEGMENTS ? new SharedArrayBuffer(bytesOf(k)) : new SharedArrayBuffer(0, { maxByteLength: bytesOf(k) }),
  );
  return { counts: new SharedArrayBuffer(SEGMENTS * 4), segments };
}

function bytesOf(segment: number): number {
  return FIRST_SLOTS * 4 ** Math.min(segment, 6) * SLOT_WORDS * 4;
}

export class Claims {
  readonly #counts: Int32Array;
  readonly #segments: Int32Array<SharedArrayBuffer>[];
  readonly #key = new Int32Array(SLOT_WORDS - 1);
  readonly #keyBytes = new Uint8Array(this.#key.buffer);

  constructor(shared: SharedClaims) {
    this.#counts = new Int32Array(shared.counts);
    this.#segments = shared.segments.map((segment) => new Int32Array(segment));
  }

  /** True for the one caller that must store the blob. */
  claim(type: number, mac: Uint8Array): boolean {
    for (let i = 0; i < 19; i++) this.#keyBytes[i] = mac[i] as number;
    this.#keyBytes[19] = type;
    for (let k = 0; k < SEGMENTS; k++) {
      const segment = this.#opened(k);
      const slots = segment.length / SLOT_WORDS;
      const open = k === SEGMENTS - 1 || Atomics.load(this.#counts, k) * 5 < slots * 3;
      const outcome = this.#claimIn(segment, slots, open);
      if (outcome === "mine") {
        Atomics.add(this.#counts, k, 1);
        return true;
      }
      if (outcome === "taken") return false;
    }
    return true;
  }

  #opened(k: number): Int32Array {
    const segment = this.#segments[k] as Int32Array<SharedArrayBuffer>;
    // another thread may have done so, with the same outcome
    if (segment.length === 0) segment.buffer.grow(bytesOf(k));
    return segment;
  }

  #claimIn(segment: Int32Array, slots: number, open: boolean): "mine" | "taken" | "absent" {
    let slot = ((this.#key[0] as number) >>> 0) % slots;
    for (let probes = 0; probes < slots; probes++) {
      const at = slot * SLOT_WORDS;
      let state = Atomics.load(segment, at);
      if (state === 0) {
        if (!open) return "absent";
        state = Atomics.compareExchange(segment, at, 0, 1);
        if (state === 0) {
          for (let i = 0; i < SLOT_WORDS - 1; i++) segment[at + 1 + i] = this.#key[i] as number;
          Atomics.store(segment, at, 2);
          return "mine";
        }
      }
      // Another thread is a few instructions away from having written its key.
      while (Atomics.load(segment, at) === 1);
      if (this.#isKeyAt(segment, at + 1)) return "taken";
      slot = slot + 1 === slots ? 0 : slot + 1;
    }
    return "absent";
  }

  #isKeyAt(segment: Int32Array, at: number): boolean {
    for (let i = 0; i < SLOT_WORDS - 1; i++) if (segment[at + i] !== this.#key[i]) return false;
    return true;
  }
}
