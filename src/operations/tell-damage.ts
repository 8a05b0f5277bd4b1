import { type ByteString, corrupted, isPlakarError, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { listFacts, openSnapshots, type SnapshotFacts, type SnapshotView } from "../snapshot/index.ts";

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
  return openSnapshots(repository, (_, error) => tellSnapshot(repository, error));
}

/** What lists show of the visible snapshots, newest first, as far as they are sound. */
export function listSoundFacts(repository: Repository): Promise<SnapshotFacts[]> {
  return listFacts(repository, (_, error) => tellSnapshot(repository, error));
}

function tellSnapshot(repository: Repository, error: unknown): void {
  if (!isPlakarError(error, "corrupted")) throw error;
  repository.parts.onDamage(error);
}
