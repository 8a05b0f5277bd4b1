import type { Clock } from "../foundation/index.ts";
import { isOver, type Moment, now } from "./moment.ts";

/** All states together; those longest unused make room. */
const BUDGET_BYTES = 48 << 20;

interface Entry {
  readonly state: Uint8Array<ArrayBuffer>;
  used: Moment;
}

/**
 * Merged states, as the cache on the disk has them, of stores that have no such cache. Their names are keyed MACs, which only
 * a holder of the key can make, and so are their ends: nothing here has to look into them.
 */
export class StateShelf {
  readonly #clock: Clock;
  readonly #entries: Map<string, Entry> = new Map();
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): Uint8Array | undefined {
    this.expire();
    const entry = this.#entries.get(name);
    if (entry) entry.used = now(this.#clock);
    return entry?.state;
  }

  put(name: string, state: Uint8Array<ArrayBuffer>): void {
    this.expire();
    this.#forget(name);
    const byAge = [...this.#entries].toSorted(([, a], [, b]) => a.used.monotonicMs - b.used.monotonicMs);
    for (const [old] of byAge) if (this.#bytes + state.length > BUDGET_BYTES) this.#forget(old);
    this.#entries.set(name, { state, used: now(this.#clock) });
    this.#bytes += state.length;
  }

  expire(): void {
    for (const [name, { used }] of this.#entries) if (isOver(used, this.#clock)) this.#forget(name);
  }

  #forget(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    this.#bytes -= entry.state.length;
    this.#entries.delete(name);
  }
}
