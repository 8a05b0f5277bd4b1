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

/** What a source gives until the signal is aborted: then the wait for the next part ends at once, with the reason. */
export async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let giveUp: (reason: unknown) => void = () => undefined;
  onAbort(signal, (reason) => giveUp(reason));
  for (;;) {
    throwIfAborted(signal);
    const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
      giveUp = reject;
      iterator.next().then(resolve, reject);
    });
    if (next.done === true) return;
    yield next.value;
  }
}

function interruptionOf({ reason }: AbortSignal): PlakarError {
  return reason instanceof PlakarError
    ? reason
    : new PlakarError("interrupted", "interrupted", { kind: "interrupted", retry: "now", cause: reason });
}
