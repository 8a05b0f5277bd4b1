import type { SnapshotId } from "../format/index.ts";
import type { ByteString, ProgressListener } from "../foundation/index.ts";

export interface RestoreOptions {
  /** `SNAPSHOT[:PATH]`; empty is the newest. */
  readonly target: string;
  readonly to: string;
  readonly skipPermissions: boolean;
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
  readonly snapshot: SnapshotId;
  readonly to: string;
  readonly files: number;
  readonly directories: number;
  readonly links: number;
  readonly bytes: number;
  readonly failures: readonly RestoreFailure[];
  /** The snapshot itself lacks items that could not be read when it was taken. */
  readonly partial: boolean;
  readonly warnings: readonly string[];
  readonly durationMs: number;
}
