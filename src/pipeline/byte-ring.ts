/*
 * Bytes on their way from the main thread, where streams arrive, to a worker, which waits for them without an event loop.
 * One writer, one reader, over shared memory.
 */
const WRITTEN = 0;
const READ = 1;
const STATE = 2;

// 0 while it goes on
const ENDED = 1;
const FAILED = 2;

/** Room for what one thread does while the other is busy. */
const RING_BYTES = 4 << 20;
/** Counters wrap around here: a multiple of the size, below the sign of 32 bits. */
const WRAP = RING_BYTES * 256;

export interface SharedRing {
  /** Three Int32: bytes ever written and ever read (both modulo `WRAP`), and the state. */
  readonly control: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
}

export function shareRing(): SharedRing {
  return { control: new SharedArrayBuffer(12), bytes: new SharedArrayBuffer(RING_BYTES) };
}

function held(control: Int32Array): number {
  return (Atomics.load(control, WRITTEN) - Atomics.load(control, READ) + WRAP) % WRAP;
}

/** The end that is written to: never blocks its thread. */
export class RingWriter {
  readonly #control: Int32Array;
  readonly #bytes: Uint8Array;

  constructor({ control, bytes }: SharedRing) {
    this.#control = new Int32Array(control);
    this.#bytes = new Uint8Array(bytes);
  }

  /** Resolves when all of it is in the ring. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const before = Atomics.load(this.#control, READ);
      const room = RING_BYTES - held(this.#control);
      if (room === 0) {
        const { async: pending, value } = Atomics.waitAsync(this.#control, READ, before);
        if (pending) await value;
        continue;
      }
      const written = Atomics.load(this.#control, WRITTEN);
      const at = written % RING_BYTES;
      const length = Math.min(room, bytes.length - done, RING_BYTES - at);
      this.#bytes.set(bytes.subarray(done, done + length), at);
      Atomics.store(this.#control, WRITTEN, (written + length) % WRAP);
      Atomics.notify(this.#control, WRITTEN);
      done += length;
    }
  }

  /** `failed`: what was read so far is not all there was. */
  end(outcome: "whole" | "failed"): void {
    Atomics.store(this.#control, STATE, outcome === "whole" ? ENDED : FAILED);
    Atomics.notify(this.#control, WRITTEN);
  }
}

/** The end that is read from: blocks its thread until there is something. */
export class RingReader {
  readonly #control: Int32Array;
  readonly #bytes: Uint8Array;

  constructor({ control, bytes }: SharedRing) {
    this.#control = new Int32Array(control);
    this.#bytes = new Uint8Array(bytes);
  }

  /** Copies what there is, at least a byte; 0 at the end. Throws when the writer says that it failed. */
  read(into: Uint8Array): number {
    for (;;) {
      const written = Atomics.load(this.#control, WRITTEN);
      const state = Atomics.load(this.#control, STATE);
      const available = held(this.#control);
      if (available > 0) return this.#take(into, available);
      if (state === FAILED) throw new StreamBroken();
      if (state === ENDED) return 0;
      Atomics.wait(this.#control, WRITTEN, written, POLL_MS);
    }
  }

  #take(into: Uint8Array, available: number): number {
    const read = Atomics.load(this.#control, READ);
    const at = read % RING_BYTES;
    const length = Math.min(available, into.length, RING_BYTES - at);
    into.set(this.#bytes.subarray(at, at + length));
    Atomics.store(this.#control, READ, (read + length) % WRAP);
    Atomics.notify(this.#control, READ);
    return length;
  }
}

/** The state changes without the counter: a reader that just missed it looks again. */
const POLL_MS = 50;

/** The stream ended before its end; why is known where it was read. */
export class StreamBroken extends Error {
  readonly code = "EPIPE";
  constructor() {
    super("the stream broke off");
  }
}
