import type { RestoreItem } from "../destination/index.ts";
import type { VfsEntry } from "../format/index.ts";
import { type ByteString, PlakarError, toDisplay } from "../foundation/index.ts";
import { itemOf, type SnapshotView } from "../snapshot/index.ts";

/**
 * What is restored of an entry at `path` in the snapshot, under the relative path `to`, its attributes read. One that is lost
 * is handed to `onFailure`, and takes nothing else with it.
 */
export async function restoreItemOf(
  view: SnapshotView,
  { path, to, entry }: { readonly path: ByteString; readonly to: ByteString; readonly entry: VfsEntry },
  onFailure: (error: unknown) => void,
): Promise<RestoreItem> {
  const names = entry.extendedAttributes ?? [];
  if (names.length === 0) return itemOf(to, entry);
  const { values, failures } = await view.attributesOf(path, names);
  for (const failure of failures) onFailure(failure);
  return itemOf(to, entry, values);
}

/** Equal for the names of one item; undefined for what has one name only. The same must stand behind all of them. */
export function linkKey({ info, symlinkTarget }: RestoreItem, { fileInfo, object }: VfsEntry): string | undefined {
  const { dev, ino, nlink } = fileInfo;
  if (nlink < 2) return undefined;
  const content = Buffer.from(object).toString("latin1");
  return `${dev}:${ino}:${info.kind}:${content}:${symlinkTarget ?? ""}`;
}

/** A path in the target, of a name or a path in one of its directories: "" is the target itself. */
export function placeIn(directory: ByteString, name: ByteString): ByteString {
  return (directory === "" ? name : `${directory}/${name}`) as ByteString;
}

/** What lies in a directory that could not be made. */
export function notRestoredWith(path: ByteString, { code, kind, advice }: PlakarError): PlakarError {
  const reason = "the directory that it lies in was not restored";
  const options = { kind, details: { path: toDisplay(path) }, ...(advice !== undefined && { advice }) };
  return new PlakarError(code, `cannot restore ${toDisplay(path)}: ${reason}`, options);
}
