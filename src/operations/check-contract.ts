import type { SnapshotId } from "../format/index.ts";
import type { ByteString, ProgressListener } from "../foundation/index.ts";

/** Which of the packfiles are read. */
export type ReadSubset =
  /** That share of all bytes, above 0 and up to 1, by chance: others each time. */
  | { readonly kind: "share"; readonly share: number }
  /** About so many bytes, by chance. */
  | { readonly kind: "size"; readonly bytes: number }
  /** One of equal parts, counted from 1, by the ids of packfiles: all parts together are everything. */
  | { readonly kind: "part"; readonly part: number; readonly parts: number };

export interface CheckOptions {
  /** Empty: every snapshot, and every packfile whether a snapshot needs it or not. */
  readonly targets: readonly string[];
  /** Only structure: everything that snapshots refer to is there; contents are not read. */
  readonly fast: boolean;
  /** Without it every packfile is read. What is not read is taken for sound where it is there at its full length. */
  readonly subset?: ReadSubset;
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

/** How much of the packfiles that were to be checked was read. */
export interface ReadShare {
  readonly packfiles: number;
  readonly packfilesInAll: number;
  readonly bytes: number;
  readonly bytesInAll: number;
}

export interface CheckReport {
  readonly snapshots: readonly CheckedSnapshot[];
  /** Damage that belongs to no single snapshot: packfiles, states. */
  readonly storeProblems: readonly Problem[];
  /** What is no damage: packfiles that interrupted backups left, or of which the snapshots need nothing any more. */
  readonly notes: readonly string[];
  readonly read: ReadShare;
  readonly damaged: boolean;
  readonly durationMs: number;
}
