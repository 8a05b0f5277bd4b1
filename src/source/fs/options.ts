import type { ByteString, ItemKind } from "../../foundation/index.ts";

export interface FsSourceOptions {
  /** What to back up: directories or anything else, as text; relative ones from the working directory. At least one. */
  readonly paths: readonly string[];
  /** Kept in the snapshot's header as the origin. */
  readonly hostName: string;
  /** Skipped with one warning each when they lie below what is backed up: the store's own directory. */
  readonly excludePaths?: readonly string[];
  /** Mount points below a path stay empty directories. Default: they are crossed. */
  readonly oneFileSystem?: boolean;
  /** Whether extended attributes are kept. Default: yes. */
  readonly extendedAttributes?: boolean;
  /** Ignore rules: what is ignored is neither listed nor walked. Not asked about the given paths themselves. */
  readonly isIgnored?: (path: ByteString, kind: ItemKind) => boolean;
  readonly onWarning?: (message: string) => void;
}
