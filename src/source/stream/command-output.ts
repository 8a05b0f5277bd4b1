import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { abortable, environmentWithoutSecrets, onAbort, PlakarError, throwIfAborted } from "../../foundation/index.ts";

/** How long a command may take to end after it was asked to. */
const GRACE_MS = 2000;

/**
 * What a shell command writes to its standard output, while it runs; its standard error is ours. The stream fails with
 * `stdin-command-failed` (kind unavailable) unless the command ends with 0: half an output must not look like a whole one.
 */
export class CommandOutput {
  readonly #command: string;
  #child: ChildProcess | undefined;

  constructor(command: string) {
    this.#command = command;
  }

  async *read(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const child = spawn(this.#command, {
      shell: true,
      // a group of its own: what the shell starts ends with it
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "inherit"],
      env: environmentWithoutSecrets(),
    });
    this.#child = child;
    onAbort(signal, () => this.#kill("SIGTERM"));
    const ended = (once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>).catch(
      (error: unknown) => error as Error,
    );
    yield* abortable(child.stdout as AsyncIterable<Uint8Array>, signal);
    const outcome = await ended;
    throwIfAborted(signal);
    if (outcome instanceof Error) throw this.#failure(outcome.message, outcome);
    const [code, by] = outcome;
    if (code !== 0) throw this.#failure(by ? `it was ended by ${by}` : `it ended with ${code}`);
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    this.#kill("SIGTERM");
    const patience = setTimeout(() => this.#kill("SIGKILL"), GRACE_MS);
    await gone;
    clearTimeout(patience);
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child ?? {};
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#child?.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // it has ended by itself
    }
  }

  #failure(how: string, cause?: unknown): PlakarError {
    return new PlakarError("stdin-command-failed", `the command of -stdin-command failed: ${how}`, {
      kind: "unavailable",
      retry: "later",
      advice: "No snapshot was made. Run the command by itself to see what is wrong.",
      cause,
    });
  }
}
