import type { ByteString, ExtendedAttribute, ItemInfo } from "../foundation/index.ts";

/** One thing in the source. */
export interface SourceItem {
  /** Absolute, inside the source. */
  readonly path: ByteString;
  readonly info: ItemInfo;
  /** When anything of it, content or metadata, last changed, which no program sets (st_ctime); where the source knows. */
  readonly changedNs?: bigint;
  readonly symlinkTarget?: ByteString;
  /** Sorted by name. */
  readonly extendedAttributes?: readonly ExtendedAttribute[];
  /** Of files whose source gives `contents`: which of them is this file's. */
  readonly contentKey?: string;
}

/** Something that could not be listed or read: it is recorded in the snapshot and makes the exit code 3. */
export interface SourceFailure {
  readonly path: ByteString;
  readonly message: string;
}

export interface SourceDirectory {
  readonly item: SourceItem;
  /** Sorted by name, byte order. */
  readonly children: readonly SourceItem[];
  readonly failures: readonly SourceFailure[];
}

/** A file's content as it comes, from its beginning to its end. */
export interface SourceContent {
  /** By which items refer to it. */
  readonly key: string;
  readonly path: ByteString;
  /** 0 where it is not known before. */
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
  readonly parts: AsyncIterable<Uint8Array>;
}

/**
 * What is read. A source is walked directory by directory, depth first, children in byte order, so that the walk can be
 * merged with the parent snapshot's in one pass.
 */
export interface Source {
  /** `fs`, `stdin`: kept in the snapshot's header. */
  readonly type: string;
  /** The host, bucket or server: kept in the snapshot's header. */
  readonly origin: string;
  /** The directory that holds everything backed up, absolute. */
  readonly root: ByteString;
  /** What of it was asked for, in byte order: the root itself, or parts of it. */
  readonly paths: readonly ByteString[];
  /** The directories above the root, `/` first; empty when the root is `/`. */
  ancestors(): Promise<readonly SourceItem[]>;
  /** The root first; a directory comes before what is below it, and is complete when it comes. */
  walk(signal?: AbortSignal): AsyncIterable<SourceDirectory>;
  /**
   * Sources that are streams give the content of their files before the walk, in their own order, each to be read to its
   * end before the next. Files of other sources are read by their paths.
   */
  contents?(signal?: AbortSignal): AsyncIterable<SourceContent>;
  close(): Promise<void>;
}
