import type { SnapshotId } from "../format/index.ts";
import type { ByteString, ProgressListener } from "../foundation/index.ts";

export interface CheckOptions {
  /** Empty: every snapshot, and every packfile whether a snapshot needs it or not. */
  readonly targets: readonly string[];
  /** Only structure: everything that snapshots refer to is there; contents are not read. */
  readonly fast: boolean;
  readonly workers?: number;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
}

export interface Problem {
  /** Absolute in the snapshot; absent where it is not about one item. */
  readonly path?: ByteString;
  readonly code: string;
  readonly message: string;
  readonly packfile?: string;
  readonly state?: string;
}

export interface CheckedSnapshot {
  readonly id: SnapshotId;
  readonly files: number;
  readonly bytes: number;
  /** Some items could not be read when it was taken. Not damage, but never silent. */
  readonly partial: boolean;
  readonly problems: readonly Problem[];
  /** What entries mention and the snapshot never had: not damage of the store, but not whole either. */
  readonly gaps: readonly Problem[];
}

export interface CheckReport {
  readonly snapshots: readonly CheckedSnapshot[];
  /** Damage that belongs to no single snapshot: packfiles, states. */
  readonly storeProblems: readonly Problem[];
  /** True in sound stores, too: left by interrupted backups; maintenance removes them. */
  readonly notes: readonly string[];
  readonly damaged: boolean;
  readonly durationMs: number;
}
