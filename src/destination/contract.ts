import type { ByteString, ExtendedAttribute, ItemInfo } from "../foundation/index.ts";

/** An item to restore; `path` is relative to the target, never empty, never `..`, no leading slash; `""` is the target itself. */
export interface RestoreItem {
  readonly path: ByteString;
  readonly info: ItemInfo;
  readonly symlinkTarget?: ByteString;
  readonly extendedAttributes?: readonly ExtendedAttribute[];
  /** There are others of this run whose names some file systems take for this one's: its place is looked at twice. */
  readonly hasTwin?: boolean;
}

/** Where content goes: workers open `fsPath` with O_WRONLY | O_NOFOLLOW and write at offsets, in any order. */
export interface FileTarget {
  readonly fsPath: string | Buffer;
}

/** What happens to an item that is there already: the rule of `restore -overwrite`. */
export type Overwrite = "always" | "if-changed" | "if-newer" | "never";

/**
 * What restoring an item does to its place:
 * `create`: nothing is there. `replace`: what is there goes first. `update`: something of the same kind stays, and what
 * differs is mended in place. `compare`: it has further names, which may lie outside the target, and is therefore never
 * written to: it stays when nothing differs, else it is replaced. `keep`: the rule leaves it as it is.
 */
export type Placement = "create" | "replace" | "update" | "compare" | "keep";

/**
 * What was recorded but not given back because only root may: not an error, but worth one warning a run.
 * `flags`: immutable and append-only where only root may set them, and what the file system does not have of the others.
 * `set-id`: setuid or setgid was left out, since the file belongs to somebody else than recorded.
 */
export type LeftOut = "owner" | "set-id" | "privileged-attributes" | "flags";

/**
 * Where a snapshot is restored. Items come in any order, but a directory's `finishDirectory` after everything below it,
 * and a hard link after `beginFile` of what it links to. Failures are PlakarErrors whose details hold `path`, and
 * concern that item only:
 * `restore-outside-target` (denied: a hostile path, or a symbolic link on the way), `restore-blocked` (input: something
 * of another kind is there), `restore-collision` (input: this run has restored something there), `restore-unsupported` (input), `restore-metadata` (the item is there, but something of its
 * owner, mode, attributes, times is not), `target-full` (full), `target-denied` (denied), `target-failed` (unavailable).
 */
export interface Destination {
  readonly type: string;
  /** For messages. */
  readonly location: string;
  /** Makes the target where it is missing (0700 until `finishDirectory` of `""`, or `close`); it must be a directory. A dry run makes nothing. */
  prepare(options?: { readonly dryRun: boolean }): Promise<void>;
  /** What restoring an item would do to its place. Changes nothing. */
  placement(item: RestoreItem, overwrite: Overwrite): Promise<Placement>;
  /** Makes a directory that only its owner may enter, or takes the one that is there, but never that of another item. */
  createDirectory(item: RestoreItem): Promise<void>;
  /**
   * Makes a file of the item's size, mode 0600, all zeros, in place of any file, link or FIFO of that name. With `create`,
   * here and below, nothing may be there: `restore-collision` (input) tells that this run itself has put something there.
   */
  beginFile(item: RestoreItem, placement?: Placement): Promise<FileTarget>;
  /** Where an existing file is, to be read and compared; its metadata is not looked at. */
  existingFile(item: RestoreItem): Promise<FileTarget & { readonly sizeBytes: number }>;
  /** Makes an existing file writable, private and of the item's size. */
  beginUpdate(item: RestoreItem): Promise<void>;
  /** Whether what is there has the item's owner, mode, attributes and times, as far as this process gives them back. */
  hasMetadata(item: RestoreItem): Promise<boolean>;
  /** Owner, attributes, mode, times of a file whose content is complete. */
  finishFile(item: RestoreItem): Promise<readonly LeftOut[]>;
  /** Removes a file whose content could not be completed: what is not whole does not stay. */
  discardFile(item: RestoreItem): Promise<void>;
  /** Renames a file that was there before and could not be mended: what is not whole does not keep its name. Answers the new name. */
  setAside(item: RestoreItem): Promise<ByteString>;
  createSymlink(item: RestoreItem, placement?: Placement): Promise<readonly LeftOut[]>;
  /** FIFOs, sockets, devices. Devices without a recorded number, or without the right to make them: `restore-unsupported`. */
  createSpecial(item: RestoreItem, placement?: Placement): Promise<readonly LeftOut[]>;
  /** Another name for the file restored at `existingPath` (relative as well); the metadata is the file's. */
  createHardLink(item: RestoreItem, existingPath: ByteString, placement?: Placement): Promise<void>;
  /** Owner, attributes, mode, times of a directory, when everything below it is finished: deepest first. */
  finishDirectory(item: RestoreItem): Promise<readonly LeftOut[]>;
  /** What this process cannot give an item here, whatever it tries: the same as the calls that give it would answer. */
  leavesOut(item: RestoreItem): readonly LeftOut[];
  /** Gives a file or directory its inode flags, when everything else in the target is as it will be. */
  finishFlags(item: RestoreItem): Promise<readonly LeftOut[]>;
  close(): Promise<void>;
}
