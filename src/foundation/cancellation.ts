import { PlakarError } from "./errors.ts";

/** Throws the reason when the signal has been aborted: called between steps of long work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  const reason: unknown = signal.reason;
  throw reason instanceof PlakarError
    ? reason
    : new PlakarError("interrupted", "interrupted", { kind: "interrupted", retry: "now", cause: reason });
}
