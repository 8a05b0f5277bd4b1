import { type ByteString, corrupted, isPlakarError, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { openSnapshots, type SnapshotView } from "../snapshot/index.ts";

/** Tells of damage that was met at a path, and lets the work go on; throws everything else. */
export function tellDamage(repository: Repository, path: ByteString, error: unknown): void {
  if (!isPlakarError(error, "corrupted")) throw error;
  const place = toDisplay(path);
  repository.parts.onDamage(
    error.message.includes(place)
      ? error
      : corrupted(error.code, `${place}: ${error.message}`, error.details, error.cause),
  );
}

/** The visible snapshots, newest first. A damaged one is told: it must not look as if it had never been. */
export function openSoundSnapshots(repository: Repository): Promise<SnapshotView[]> {
  return openSnapshots(repository, (_, error) => {
    if (!isPlakarError(error, "corrupted")) throw error;
    repository.parts.onDamage(error);
  });
}
