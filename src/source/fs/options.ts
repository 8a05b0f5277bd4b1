import type { ByteString } from "../../foundation/index.ts";
import type { LeaveOutOptions } from "../ignore/walk-rules.ts";

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
  /** What is neither saved nor walked. Not asked about the given paths themselves. */
  readonly leaveOut?: LeaveOutOptions;
  /** Told of everything that is left out: of a directory once, not of what is below it. */
  readonly onLeftOut?: (path: ByteString) => void;
  readonly onWarning?: (message: string) => void;
}
