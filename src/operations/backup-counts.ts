import { type ByteString, type ProgressListener, toDisplay } from "../foundation/index.ts";
import type { BackupFailure, BackupReport } from "./backup-contract.ts";

type FileStatus = "new" | "changed" | "unchanged";

/** What a backup did, counted while it goes on. */
export class BackupCounts {
  readonly #progress: ProgressListener;
  readonly #files = { new: 0, changed: 0, unchanged: 0 };
  readonly failures: BackupFailure[] = [];
  #directories = 0;
  #otherItems = 0;
  #totalBytes = 0;
  #bytesRead = 0;
  #excluded = 0;

  constructor(progress: ProgressListener) {
    this.#progress = progress;
  }

  /** A file whose content had to be read to know it. */
  readFile(path: ByteString, status: FileStatus, sizeBytes: number): void {
    this.#bytesRead += sizeBytes;
    this.file(path, status, sizeBytes);
  }

  file(path: ByteString, status: FileStatus, sizeBytes: number): void {
    this.#files[status]++;
    this.#totalBytes += sizeBytes;
    this.#progress({ type: "item", path: toDisplay(path), status });
    this.#progress({ type: "progress", files: this.#totalFiles, bytes: this.#totalBytes, path: toDisplay(path) });
  }

  directory(): void {
    this.#directories++;
  }

  /** A symlink or another item without content. */
  other(): void {
    this.#otherItems++;
  }

  excluded(path: ByteString): void {
    this.#excluded++;
    this.#progress({ type: "item", path: toDisplay(path), status: "excluded" });
  }

  failure(path: ByteString, message: string): void {
    this.failures.push({ path, message });
    this.#progress({ type: "error", path: toDisplay(path), message });
  }

  report(outcome: Pick<BackupReport, "snapshot" | "parent" | "root" | "bytesAdded" | "durationMs">): BackupReport {
    return {
      ...outcome,
      filesNew: this.#files.new,
      filesChanged: this.#files.changed,
      filesUnchanged: this.#files.unchanged,
      directories: this.#directories,
      errors: this.failures.length,
      excluded: this.#excluded,
      totalFiles: this.#totalFiles + this.#otherItems,
      totalBytes: this.#totalBytes,
      bytesRead: this.#bytesRead,
      failures: this.failures,
      warnings: [],
    };
  }

  get #totalFiles(): number {
    return this.#files.new + this.#files.changed + this.#files.unchanged;
  }
}
