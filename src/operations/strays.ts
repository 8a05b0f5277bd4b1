import { type ByteString, corrupted, type PlakarError, parentPath, toDisplay } from "../foundation/index.ts";
import { type Child, directoryIndex, type SnapshotView } from "../snapshot/index.ts";

/**
 * Directories that a walk came by, to find at its end what it did not: a snapshot may hold contents of something that its
 * listings call no directory, children of a link or of a file. No backup makes such, and nothing must leave it out in silence.
 */
export class SeenDirectories {
  /** Of each whether all that is in it was listed. */
  readonly #seen: Map<ByteString, boolean> = new Map();

  /** What a directory holds, as the view has it; remembers what that says of directories. */
  async childrenOf(
    view: SnapshotView,
    directory: ByteString,
    onDamage: (error: PlakarError) => void,
  ): Promise<Child[]> {
    let isWhole = true;
    const children = await view.children(directory, (error) => {
      isWhole = false;
      onDamage(error);
    });
    for (const { path, isDirectory } of children) if (isDirectory && !this.#seen.has(path)) this.#seen.set(path, false);
    if (isWhole) this.#seen.set(directory, true);
    return children;
  }

  /** Those below `directory` (`below`: as seen from there), each with what is to be said of it, and of all that it holds. */
  async *strays(
    view: SnapshotView,
    directory: ByteString,
  ): AsyncGenerator<{ readonly path: ByteString; readonly below: ByteString; readonly error: PlakarError }> {
    const prefix = (directory === "/" ? "/" : `${directory}/`) as ByteString;
    for await (const { key: path } of view.indexes.get(directoryIndex)?.scan(prefix) ?? []) {
      if (!path.startsWith(prefix)) return;
      // where a listing is damaged, what is missing in it is told with that
      if (path === directory || this.#seen.has(path) || !this.#seen.get(parentPath(path))) continue;
      const what = toDisplay(path);
      const error = corrupted("tree-damaged", `${what} has contents in the snapshot, and is no directory there`);
      yield { path, below: path.slice(prefix.length) as ByteString, error };
    }
  }
}
