/** The wall clock: nanoseconds since 1970 (what the format stores), and a monotonic one for durations. */
export interface Clock {
  nowNs(): bigint;
  monotonicMs(): number;
}

export const systemClock: Clock = {
  // performance.timeOrigin + now has sub-millisecond resolution; rounding to 100 ns keeps the double exact
  nowNs: () => BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor((performance.now() % 1) * 10_000)) * 100n,
  monotonicMs: () => performance.now(),
};

/** A clock for tests: stands still until moved. */
export class FakeClock implements Clock {
  #ns: bigint;
  #startNs: bigint;

  constructor(startNs = 1_767_323_045_000_000_000n) {
    this.#ns = startNs;
    this.#startNs = startNs;
  }

  nowNs(): bigint {
    return this.#ns;
  }

  monotonicMs(): number {
    return Number(this.#ns - this.#startNs) / 1e6;
  }

  advanceMs(ms: number): void {
    this.#ns += BigInt(Math.round(ms * 1e6));
  }
}
