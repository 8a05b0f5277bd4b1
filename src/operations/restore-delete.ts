import { type FsDestination, removeTree } from "../destination/index.ts";
import {
  type ByteString,
  baseName,
  isPlakarError,
  joinPath,
  PlakarError,
  parentPath,
  toDisplay,
} from "../foundation/index.ts";
import type { SnapshotView } from "../snapshot/index.ts";
import type { RestoreOptions, Wanted } from "./restore-contract.ts";
import type { RestoreCounts } from "./restore-counts.ts";
import { placeIn } from "./restore-item.ts";

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
 * Removes from restored directories what the snapshot does not have, however the target writes its name. What the snapshot
 * does not know stays: what could not be read when it was taken, what lies in a directory whose listing was lost, what the
 * user did not ask for.
 */
export class ExtraItems {
  readonly #parts: ExtraItemsParts;
  /** By the directory in which they lie. */
  readonly #unknown: ReadonlyMap<ByteString, readonly ByteString[]>;

  private constructor(parts: ExtraItemsParts, unknown: ReadonlyMap<ByteString, readonly ByteString[]>) {
    this.#parts = parts;
    this.#unknown = unknown;
  }

  static async find(parts: ExtraItemsParts): Promise<ExtraItems> {
    const unknown = new Map<ByteString, ByteString[]>();
    for await (const { path } of parts.view.failures()) {
      const names = unknown.get(parentPath(path)) ?? [];
      names.push(baseName(path));
      unknown.set(parentPath(path), names);
    }
    return new ExtraItems(parts, unknown);
  }

  /** `directory` is that of the snapshot, `to` where it was restored. */
  async removeFrom(directory: ByteString, to: ByteString): Promise<void> {
    const { destination } = this.#parts;
    const known = await this.#namesOf(directory);
    if (!known) return;
    const listed = destination.namesIn(to);
    const extra = listed.filter((name) => !known.has(name));
    if (extra.length === 0) return;
    const spared = destination.otherSpellings(to, listed, known);
    for (const name of extra) if (!spared.has(name)) await this.#remove(to, name);
  }

  /** What belongs into a directory, as the target writes it; undefined where nobody knows. */
  async #namesOf(directory: ByteString): Promise<ReadonlySet<ByteString> | undefined> {
    const { view, destination } = this.#parts;
    if (this.#unknown.get(parentPath(directory))?.includes(baseName(directory))) return undefined;
    try {
      const children = await view.children(directory);
      const names = [...children.map(({ entry }) => entry.fileInfo.name), ...(this.#unknown.get(directory) ?? [])];
      return new Set(names.map((name) => destination.nameOnDisk(name)));
    } catch (error) {
      if (!isPlakarError(error, "corrupted")) throw error;
      return undefined; // it was told when the directory was restored, and nothing is removed on a guess
    }
  }

  async #remove(directory: ByteString, name: ByteString): Promise<void> {
    const { destination, counts, wants, dryRun, protectedPaths } = this.#parts;
    const path = placeIn(directory, name);
    const absolute = joinPath(destination.absolute(directory), name); // also where the store stands, which removeTree leaves
    const removed = await removeTree(absolute, {
      dryRun,
      protectedPaths,
      isSpared: (each, isDirectory) => isSpared(wants(below(absolute, path, each), isDirectory), isDirectory),
      onKept: (kept, reason) => counts.warn(`${toDisplay(kept)} is not removed: ${reason}`),
      onFailure: (failed, error) => counts.failure(below(absolute, path, failed), notRemoved(failed, error)),
    });
    if (removed > 0) counts.removed(path, removed);
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
