import { type FsDestination, removeTree } from "../destination/index.ts";
import { type ByteString, isPlakarError, joinPath, PlakarError, toDisplay } from "../foundation/index.ts";
import type { SnapshotView } from "../snapshot/index.ts";
import type { RestoreOptions, Wanted } from "./restore-contract.ts";
import type { RestoreCounts } from "./restore-counts.ts";

export interface ExtraItemsParts {
  readonly view: SnapshotView;
  readonly destination: FsDestination;
  readonly counts: RestoreCounts;
  readonly wants: NonNullable<RestoreOptions["wants"]>;
  readonly dryRun: boolean;
  /** Absolute paths that stay whatever happens: the store. */
  readonly protectedPaths: readonly ByteString[];
}

/**
 * Removes from restored directories what the snapshot does not have. What the snapshot does not know stays: what could not
 * be read when it was taken, what lies in a directory whose listing was lost, what the user did not ask for.
 */
export class ExtraItems {
  readonly #parts: ExtraItemsParts;
  readonly #unknown: ReadonlySet<ByteString>;

  private constructor(parts: ExtraItemsParts, unknown: ReadonlySet<ByteString>) {
    this.#parts = parts;
    this.#unknown = unknown;
  }

  static async find(parts: ExtraItemsParts): Promise<ExtraItems> {
    const unknown = new Set<ByteString>();
    for await (const { path } of parts.view.failures()) unknown.add(path);
    return new ExtraItems(parts, unknown);
  }

  /** `directory` is that of the snapshot, `to` where it was restored. */
  async removeFrom(directory: ByteString, to: ByteString): Promise<void> {
    const { view, destination, counts, wants, dryRun } = this.#parts;
    if (this.#unknown.has(directory)) return;
    let known: Set<string>;
    try {
      known = new Set((await view.children(directory)).map(({ entry }) => destination.nameOnDisk(entry.fileInfo.name)));
    } catch (error) {
      if (!isPlakarError(error, "corrupted")) throw error;
      return; // it was told when the directory was restored, and nothing is removed on a guess
    }
    const absoluteTo = destination.absolute(to);
    for (const name of destination.namesIn(to)) {
      if (known.has(name) || this.#unknown.has(joinPath(directory, name))) continue;
      const path = (to === "" ? name : `${to}/${name}`) as ByteString;
      const absolute = joinPath(absoluteTo, name); // also where the store stands, which removeTree leaves
      const removed = removeTree(absolute, {
        dryRun,
        protectedPaths: this.#parts.protectedPaths,
        isSpared: (each, isDirectory) => isSpared(wants(below(absolute, path, each), isDirectory), isDirectory),
        onKept: (kept, reason) => counts.warn(`${toDisplay(kept)} is not removed: ${reason}`),
        onFailure: (failed, error) => counts.failure(below(absolute, path, failed), notRemoved(failed, error)),
      });
      if (removed > 0) counts.removed(path, removed);
    }
  }
}

/** What the user did not ask for is not ours to remove; a directory goes if nothing of that is left in it. */
function isSpared(wanted: Wanted, isDirectory: boolean): boolean {
  return wanted === "no" || (wanted === "below" && !isDirectory);
}

/** A path below `absolute`, which is `path` in the target. */
function below(absolute: ByteString, path: ByteString, failed: ByteString): ByteString {
  return `${path}${failed.slice(absolute.length)}` as ByteString;
}

function notRemoved(path: ByteString, cause: unknown): PlakarError {
  return new PlakarError("target-denied", `cannot remove ${toDisplay(path)}`, {
    kind: "denied",
    advice: "Check who may write to the target directory.",
    cause,
  });
}
