import type { ByteString, ExtendedAttribute, ItemInfo } from "../foundation/index.ts";

/** An item to restore; `path` is relative to the target, never empty, never `..`, no leading slash; `""` is the target itself. */
export interface RestoreItem {
  readonly path: ByteString;
  readonly info: ItemInfo;
  readonly symlinkTarget?: ByteString;
  readonly extendedAttributes?: readonly ExtendedAttribute[];
}

/** Where content goes: workers open `fsPath` with O_WRONLY | O_NOFOLLOW and write at offsets, in any order. */
export interface FileTarget {
  readonly fsPath: string | Buffer;
}

/**
 * What was recorded but not given back because only root may: not an error, but worth one warning a run.
 * `set-id`: setuid or setgid was left out, since the file belongs to somebody else than recorded.
 */
export type LeftOut = "owner" | "set-id" | "privileged-attributes";

/**
 * Where a snapshot is restored. Items come in any order, but a directory's `finishDirectory` after everything below it,
 * and a hard link after `beginFile` of what it links to. Failures are PlakarErrors whose details hold `path`, and
 * concern that item only:
 * `restore-outside-target` (denied: a hostile path, or a symbolic link on the way), `restore-blocked` (input: something
 * of another kind is there), `restore-unsupported` (input), `restore-metadata` (the item is there, but something of its
 * owner, mode, attributes, times is not), `target-full` (full), `target-denied` (denied), `target-failed` (unavailable).
 */
export interface Destination {
  readonly type: string;
  /** For messages. */
  readonly location: string;
  /** Makes the target where it is missing (0700 until `finishDirectory` of `""`); it must be a directory. */
  prepare(): Promise<void>;
  /** Makes a directory that only its owner may enter, or takes the one that is there. */
  createDirectory(item: RestoreItem): Promise<void>;
  /** Makes an empty file, mode 0600, in place of any file, link or FIFO of that name. */
  beginFile(item: RestoreItem): Promise<FileTarget>;
  /** Owner, attributes, mode, times of a file whose content is complete. */
  finishFile(item: RestoreItem): Promise<readonly LeftOut[]>;
  /** Removes a file whose content could not be completed: what is not whole does not stay. */
  discardFile(item: RestoreItem): Promise<void>;
  createSymlink(item: RestoreItem): Promise<readonly LeftOut[]>;
  /** FIFOs; the format keeps no device numbers, and sockets live by their program: both fail with `restore-unsupported`. */
  createSpecial(item: RestoreItem): Promise<readonly LeftOut[]>;
  /** Another name for the file restored at `existingPath` (relative as well); the metadata is the file's. */
  createHardLink(item: RestoreItem, existingPath: ByteString): Promise<void>;
  /** Owner, attributes, mode, times of a directory, when everything below it is finished: deepest first. */
  finishDirectory(item: RestoreItem): Promise<readonly LeftOut[]>;
  close(): Promise<void>;
}
