import type { LeftOut } from "../destination/index.ts";
import {
  type ByteString,
  count,
  isPlakarError,
  messageOf,
  type ProgressListener,
  toDisplay,
} from "../foundation/index.ts";
import type { RestoreFailure, RestoreReport } from "./restore-contract.ts";

/** What is said of items that are there without it. */
const leftOutReasons: Readonly<Record<LeftOut, string>> = {
  owner: "without its owner or group: only root may give it",
  "set-id": "without setuid or setgid: its owner could not be given",
  flags: "without its flags (chattr): only root may set them, or the file system has none",
  "privileged-attributes": "without its trusted or security attributes: only root may set them",
};
/** So many of them are named in a line; a report has all. */
const NAMED = 3;

type FileOutcome = "new" | "updated" | "unchanged";

/** What a restore did, or in a dry run would do, counted while it goes on. */
export class RestoreCounts {
  readonly #progress: ProgressListener;
  readonly #failures: RestoreFailure[] = [];
  readonly #leftOut: Map<LeftOut, Set<ByteString>> = new Map();
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

  /** What an item is restored without. */
  leftOut(path: ByteString, what: readonly LeftOut[]): void {
    for (const each of what) {
      const paths = this.#leftOut.get(each);
      if (paths) paths.add(path);
      else this.#leftOut.set(each, new Set([path]));
    }
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
      leftOut: [...this.#leftOut].map(([what, paths]) => ({ what, paths: [...paths] })),
      warnings: [...this.#warnings, ...[...this.#leftOut].map(([what, paths]) => sentenceOf(what, [...paths]))],
    };
  }

  get #allFiles(): number {
    return this.#files.new + this.#files.updated + this.#files.unchanged;
  }
}

function sentenceOf(what: LeftOut, paths: readonly ByteString[]): string {
  const named = paths.slice(0, NAMED).map((path) => toDisplay(path) || "the target itself");
  const others = paths.length > named.length ? ` and ${paths.length - named.length} more` : "";
  return `${count(paths.length, "item is", "items are")} ${leftOutReasons[what]} (${named.join(", ")}${others})`;
}
