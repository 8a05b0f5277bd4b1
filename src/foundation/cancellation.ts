import { PlakarError } from "./errors.ts";

/** Throws the reason when the signal has been aborted: called between steps of long work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interruptionOf(signal);
}

/** Calls once when the signal is aborted, or at once when it is already. */
export function onAbort(signal: AbortSignal | undefined, listener: (reason: PlakarError) => void): void {
  if (signal?.aborted) listener(interruptionOf(signal));
  else signal?.addEventListener("abort", () => listener(interruptionOf(signal)), { once: true });
}

function interruptionOf({ reason }: AbortSignal): PlakarError {
  return reason instanceof PlakarError
    ? reason
    : new PlakarError("interrupted", "interrupted", { kind: "interrupted", retry: "now", cause: reason });
}
