import { abortable } from "../../foundation/index.ts";

/** What is piped into this program. */
export function readStandardInput(signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  return abortable(process.stdin as AsyncIterable<Uint8Array>, signal);
}

/** Lets go of standard input: a program that still waits for it does not end. */
export async function closeStandardInput(): Promise<void> {
  process.stdin.destroy();
}
