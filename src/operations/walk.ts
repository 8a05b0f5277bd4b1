import type { VfsEntry } from "../format/index.ts";
import { type ByteString, isPlakarError, throwIfAborted } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import type { SnapshotView } from "../snapshot/index.ts";

export interface WalkedItem {
  /** In the snapshot, absolute. */
  readonly path: ByteString;
  readonly entry: VfsEntry;
  readonly isDirectory: boolean;
}

/**
 * Everything below a directory, depth first, in byte order of names. A listing that is lost is told to the repository's
 * `onDamage`, which makes the command end with 65, and the rest goes on.
 */
export async function* walkBelow(
  repository: Repository,
  view: SnapshotView,
  directory: ByteString,
  signal?: AbortSignal,
): AsyncGenerator<WalkedItem> {
  throwIfAborted(signal);
  let children: readonly WalkedItem[];
  try {
    children = await view.children(directory);
  } catch (error) {
    if (!isPlakarError(error, "corrupted")) throw error;
    repository.parts.onDamage(error);
    return;
  }
  for (const child of children) {
    yield child;
    if (child.isDirectory) yield* walkBelow(repository, view, child.path, signal);
  }
}
