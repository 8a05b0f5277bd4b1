import { fstatSync } from "node:fs";
import { abortable, isPlakarError, PlakarError, systemCode } from "../../foundation/index.ts";
import { describeSystemError } from "../../system/index.ts";

/** What is piped into this program. Fails with `stdin-failed` (kind unavailable) where it cannot be read to its end. */
export async function* readStandardInput(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  try {
    // Node takes a directory for an empty stream
    if (fstatSync(0).isDirectory()) throw failed("it is a directory");
    yield* abortable(process.stdin as AsyncIterable<Uint8Array>, signal);
  } catch (error) {
    throw isPlakarError(error) || systemCode(error) === undefined ? error : failed(describeSystemError(error), error);
  }
}

/** Lets go of standard input: a program that still waits for it does not end. */
export async function closeStandardInput(): Promise<void> {
  process.stdin.destroy();
}

function failed(reason: string, cause?: unknown): PlakarError {
  return new PlakarError("stdin-failed", `standard input cannot be read: ${reason}`, {
    kind: "unavailable",
    advice: "No snapshot was made. Look at what is piped into plakar.",
    ...(cause !== undefined && { cause }),
  });
}
