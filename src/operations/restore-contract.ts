import type { LeftOut, Overwrite } from "../destination/index.ts";
import type { SnapshotId } from "../format/index.ts";
import type { ByteString, ProgressListener } from "../foundation/index.ts";
import type { SnapshotFilter } from "../snapshot/index.ts";

/** What of a snapshot is wanted: `below` is a directory that is not wanted itself, but in which something may be. */
export type Wanted = "yes" | "no" | "below";

export interface RestoreOptions {
  /** `SNAPSHOT[:PATH]` each; empty is the newest. At least one. */
  readonly targets: readonly string[];
  /** Among which snapshots the newest is looked for. Default: all. */
  readonly filter?: SnapshotFilter;
  readonly to: string;
  readonly skipPermissions: boolean;
  /** What happens to what is there already. Default: `if-changed`. */
  readonly overwrite?: Overwrite;
  /** Change nothing, and count what would happen. */
  readonly dryRun?: boolean;
  /** Remove from restored directories what the snapshot does not have. */
  readonly delete?: boolean;
  /** Write zeros instead of leaving holes. */
  readonly noSparse?: boolean;
  /** Read every file back after it was written. */
  readonly verify?: boolean;
  /** Only what this answers `yes` to; paths are relative to the target. Default: everything. */
  readonly wants?: (path: ByteString, isDirectory: boolean) => Wanted;
  readonly workers?: number;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
}

export interface RestoreFailure {
  /** Relative to the target. */
  readonly path: ByteString;
  readonly message: string;
  readonly code: string;
  /** The store has lost it, as opposed to: it could not be written. */
  readonly damaged: boolean;
}

export interface RestoreReport {
  readonly snapshots: readonly SnapshotId[];
  readonly to: string;
  /** Files of the snapshot that are there now, whatever that took. */
  readonly files: number;
  /** Of them: those that were there before and differed. */
  readonly filesUpdated: number;
  /** Of them: those that were there before, as they should be. */
  readonly filesUnchanged: number;
  readonly directories: number;
  readonly links: number;
  /** Logical size of the files. */
  readonly bytes: number;
  /** Written to files: what was not there already. */
  readonly bytesWritten: number;
  /** Items that were left as they are by the rule of overwriting. */
  readonly kept: number;
  /** Items that the snapshot does not have, removed by `delete`, with everything below them. */
  readonly removed: number;
  readonly failures: readonly RestoreFailure[];
  /** Items that are there, but without something that this process may not give, or the target cannot hold. */
  readonly leftOut: readonly { readonly what: LeftOut; readonly paths: readonly ByteString[] }[];
  /** The snapshot itself lacks items that could not be read when it was taken. */
  readonly partial: boolean;
  readonly warnings: readonly string[];
  readonly durationMs: number;
}
