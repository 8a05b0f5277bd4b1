import { type ByteString, corrupted, type PlakarError, parentPath, toDisplay } from "../foundation/index.ts";
import { directoryIndex, type SnapshotView } from "../snapshot/index.ts";

/**
 * Directories that a walk came by, to find at its end what it did not: a snapshot may hold contents of something that its
 * listings call no directory, children of a link or of a file. No backup makes such, and nothing must leave it out in silence.
 */
export class SeenDirectories {
  /** Of each whether all that is in it was listed. */
  readonly #seen: Map<ByteString, boolean> = new Map();

  sees(directory: ByteString): void {
    if (!this.#seen.has(directory)) this.#seen.set(directory, false);
  }

  listedWhole(directory: ByteString): void {
    this.#seen.set(directory, true);
  }

  /** Those below `directory`, each with what is to be said of it; what lies below such a one is told with it. */
  async *strays(
    view: SnapshotView,
    directory: ByteString,
  ): AsyncGenerator<{ readonly path: ByteString; readonly error: PlakarError }> {
    const prefix = (directory === "/" ? "/" : `${directory}/`) as ByteString;
    for await (const { key: path } of view.indexes.get(directoryIndex)?.scan(prefix) ?? []) {
      if (!path.startsWith(prefix)) return;
      // where a listing is damaged, what is missing in it is told with that
      if (path === directory || this.#seen.has(path) || !this.#seen.get(parentPath(path))) continue;
      const what = toDisplay(path);
      yield {
        path,
        error: corrupted("tree-damaged", `${what} has contents in the snapshot, and is no directory there`),
      };
    }
  }
}
