import type { FileTree, NewFile } from "../contract.ts";

/** What a publication writes and removes. */
export interface Changes {
  /** Under names that never get other bytes. Nobody sees them before a root names them. */
  readonly immutable: readonly NewFile[];
  /** What clients begin with, in the order in which it has to appear. */
  readonly roots: readonly NewFile[];
  /** What nothing names any more, for long enough. */
  readonly deletions: readonly string[];
}

/** Where repositories are published. */
export interface Place extends FileTree {
  /** For messages. */
  readonly name: string;
  /** Throws what `apply` would throw, as far as that shows without writing: no room, no leave to write. */
  rehearse(changes: Changes): Promise<void>;
  /**
   * Writes what is immutable, then the roots in their order, then removes. Throws a RepositoryError: before any root is
   * written if something immutable cannot be; at a root that is not any more what this place has read last (`busy`).
   */
  apply(changes: Changes): Promise<void>;
}
