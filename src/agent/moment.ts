import type { Clock } from "../foundation/index.ts";

/** How long keys and states are kept after their last use, and so how long an agent lives that nobody asks. */
export const KEPT_MS = 30_000;

/** When something was last used. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallNs: bigint;
}

export function now(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallNs: clock.nowNs() };
}

/** Whether its time is over. By either clock: the monotonic one stands still while a laptop sleeps, the other may be set back. */
export function isOver({ monotonicMs, wallNs }: Moment, clock: Clock): boolean {
  return clock.monotonicMs() - monotonicMs >= KEPT_MS || clock.nowNs() - wallNs >= BigInt(KEPT_MS) * 1_000_000n;
}

/** Whether so much of its time has gone that it should be used again. */
export function isLate({ monotonicMs }: Moment, clock: Clock): boolean {
  return clock.monotonicMs() - monotonicMs >= KEPT_MS / 10;
}
