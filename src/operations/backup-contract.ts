import type { SnapshotId } from "../format/index.ts";
import type { ByteString, ProgressListener } from "../foundation/index.ts";
import type { LeaveOutOptions } from "../source/index.ts";

export interface BackupOptions {
  /**
   * Directories or files, as typed; several have one snapshot with their common ancestor as root. Or one of `stdin:NAME`
   * and `tar:ARCHIVE`.
   */
  readonly paths: readonly string[];
  /** A shell command whose output is saved instead of standard input. */
  readonly stdinCommand?: string;
  readonly name: string;
  readonly category: string;
  readonly environment: string;
  readonly perimeter: string;
  readonly job: string;
  readonly tags: readonly string[];
  /** Instead of now. */
  readonly timestampNs?: bigint;
  /** Leave no snapshot when it would equal its parent. */
  readonly skipUnchanged: boolean;
  readonly noXattr: boolean;
  /** What is neither saved nor walked. */
  readonly leaveOut?: LeaveOutOptions;
  /** Mount points stay empty directories. */
  readonly oneFileSystem?: boolean;
  /** As Go does, random padding of packfiles and a subkey for each blob: hides sizes, costs about 0.5 MiB a packfile. */
  readonly padding: boolean;
  readonly dryRun?: boolean;
  /** Kept in the snapshot. */
  readonly commandLine: string;
  readonly hostName?: string;
  readonly workers?: number;
  /** `no` reads every file again. */
  readonly cache: "parent" | "no";
  /** Beginnings of ids of packfiles that check called damaged: what is needed of them is read and stored again. */
  readonly distrust?: readonly string[];
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
}

export interface BackupFailure {
  readonly path: ByteString;
  readonly message: string;
}

export interface BackupReport {
  /** null: there is none, because nothing had changed (or it was a dry run). */
  readonly snapshot: SnapshotId | null;
  readonly parent: SnapshotId | null;
  readonly root: ByteString;
  readonly filesNew: number;
  readonly filesChanged: number;
  readonly filesUnchanged: number;
  readonly directories: number;
  readonly errors: number;
  /** Left out by the user's rules; what is below a directory that is left out is not counted, for nobody looked. */
  readonly excluded: number;
  readonly totalFiles: number;
  /** Logical size of all files in the snapshot. */
  readonly totalBytes: number;
  /** Read from the source: what was not known to be unchanged. */
  readonly bytesRead: number;
  /** Written to the store, everything included. */
  readonly bytesAdded: number;
  readonly durationMs: number;
  readonly failures: readonly BackupFailure[];
  readonly warnings: readonly string[];
}
