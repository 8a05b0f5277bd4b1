import type { LeftOut } from "../destination/index.ts";
import { type ByteString, isPlakarError, messageOf, type ProgressListener, toDisplay } from "../foundation/index.ts";
import type { RestoreFailure, RestoreReport } from "./restore-contract.ts";

const leftOutMessages: Readonly<Record<LeftOut, string>> = {
  owner: "owners were not given back: only root may",
  "set-id": "setuid and setgid bits were not given back where the owner could not be",
  flags: "some flags (chattr) were not given back: only root may, or the file system has none",
  "privileged-attributes": "trusted and security attributes were not given back: only root may",
};

type FileOutcome = "new" | "updated" | "unchanged";

/** What a restore did, or in a dry run would do, counted while it goes on. */
export class RestoreCounts {
  readonly #progress: ProgressListener;
  readonly #failures: RestoreFailure[] = [];
  readonly #leftOut: Set<LeftOut> = new Set();
  readonly #warnings: string[] = [];
  readonly #files = { new: 0, updated: 0, unchanged: 0 };
  #directories = 0;
  #links = 0;
  #bytes = 0;
  #bytesWritten = 0;
  #kept = 0;
  #removed = 0;

  constructor(progress: ProgressListener) {
    this.#progress = progress;
  }

  file(path: ByteString, outcome: FileOutcome, sizeBytes: number, writtenBytes: number): void {
    this.#files[outcome]++;
    this.#bytes += sizeBytes;
    this.#bytesWritten += writtenBytes;
    this.#progress({ type: "item", path: toDisplay(path), status: outcome === "new" ? "ok" : outcome });
    this.#progress({ type: "progress", files: this.#allFiles, bytes: this.#bytes, path: toDisplay(path) });
  }

  directory(): void {
    this.#directories++;
  }

  /** A symlink, a further name of a file, or a special file. */
  link(): void {
    this.#links++;
  }

  kept(path: ByteString): void {
    this.#kept++;
    this.#progress({ type: "item", path: toDisplay(path), status: "kept" });
  }

  /** `items`: how many that are, everything below included. */
  removed(path: ByteString, items: number): void {
    this.#removed += items;
    this.#progress({ type: "item", path: toDisplay(path), status: "removed" });
  }

  leftOut(what: readonly LeftOut[]): void {
    for (const each of what) this.#leftOut.add(each);
  }

  warn(message: string): void {
    this.#warnings.push(message);
  }

  failure(path: ByteString, error: unknown): void {
    const message = messageOf(error);
    const code = isPlakarError(error) ? error.code : "restore-failed";
    this.#failures.push({ path, message, code, damaged: isPlakarError(error, "corrupted") });
    this.#progress({ type: "error", path: toDisplay(path), message, code });
  }

  report(outcome: Pick<RestoreReport, "snapshots" | "to" | "partial" | "durationMs">): RestoreReport {
    return {
      ...outcome,
      files: this.#allFiles,
      filesUpdated: this.#files.updated,
      filesUnchanged: this.#files.unchanged,
      directories: this.#directories,
      links: this.#links,
      bytes: this.#bytes,
      bytesWritten: this.#bytesWritten,
      kept: this.#kept,
      removed: this.#removed,
      failures: this.#failures,
      warnings: [...this.#warnings, ...[...this.#leftOut].map((each) => leftOutMessages[each])],
    };
  }

  get #allFiles(): number {
    return this.#files.new + this.#files.updated + this.#files.unchanged;
  }
}
