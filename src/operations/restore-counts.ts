import type { LeftOut } from "../destination/index.ts";
import { type ByteString, isPlakarError, messageOf, type ProgressListener, toDisplay } from "../foundation/index.ts";
import type { RestoreFailure, RestoreReport } from "./restore-contract.ts";

const leftOutMessages: Readonly<Record<LeftOut, string>> = {
  owner: "owners were not given back: only root may",
  "set-id": "setuid and setgid bits were not given back where the owner could not be",
  "privileged-attributes": "trusted and security attributes were not given back: only root may",
};

/** What a restore did, counted while it goes on. */
export class RestoreCounts {
  readonly #progress: ProgressListener;
  readonly #failures: RestoreFailure[] = [];
  readonly #leftOut: Set<LeftOut> = new Set();
  #files = 0;
  #directories = 0;
  #links = 0;
  #bytes = 0;

  constructor(progress: ProgressListener) {
    this.#progress = progress;
  }

  file(path: ByteString, sizeBytes: number): void {
    this.#files++;
    this.#bytes += sizeBytes;
    this.#progress({ type: "item", path: toDisplay(path), status: "ok" });
    this.#progress({ type: "progress", files: this.#files, bytes: this.#bytes, path: toDisplay(path) });
  }

  directory(): void {
    this.#directories++;
  }

  /** A symlink, a further name of a file, or a FIFO. */
  link(): void {
    this.#links++;
  }

  leftOut(what: readonly LeftOut[]): void {
    for (const each of what) this.#leftOut.add(each);
  }

  failure(path: ByteString, error: unknown): void {
    const message = messageOf(error);
    const code = isPlakarError(error) ? error.code : "restore-failed";
    this.#failures.push({ path, message, code, damaged: isPlakarError(error, "corrupted") });
    this.#progress({ type: "error", path: toDisplay(path), message, code });
  }

  report(outcome: Pick<RestoreReport, "snapshot" | "to" | "partial" | "durationMs">): RestoreReport {
    return {
      ...outcome,
      files: this.#files,
      directories: this.#directories,
      links: this.#links,
      bytes: this.#bytes,
      failures: this.#failures,
      warnings: [...this.#leftOut].map((each) => leftOutMessages[each]),
    };
  }
}
