import type { ByteString } from "../../../src/foundation/index.ts";
import {
  type FsSourceOptions,
  openFsSource,
  type SourceDirectory,
  type SourceFailure,
  type SourceItem,
} from "../../../src/source/index.ts";

/** A whole walk: directories in the order they came, and every item by its path below the root (`.` is the root). */
export interface Walked {
  readonly root: ByteString;
  readonly directories: readonly SourceDirectory[];
  readonly items: ReadonlyMap<string, SourceItem>;
  readonly failures: readonly SourceFailure[];
}

export async function walkAll(paths: readonly string[], options: Partial<FsSourceOptions> = {}): Promise<Walked> {
  const source = await openFsSource({ paths, hostName: "host", ...options });
  const directories: SourceDirectory[] = [];
  const items = new Map<string, SourceItem>();
  const relative = (item: SourceItem): string =>
    item.path === source.root ? "." : item.path.slice(source.root === "/" ? 1 : source.root.length + 1);
  for await (const directory of source.walk()) {
    directories.push(directory);
    items.set(relative(directory.item), directory.item);
    for (const child of directory.children) items.set(relative(child), child);
  }
  await source.close();
  return { root: source.root, directories, items, failures: directories.flatMap(({ failures }) => failures) };
}

/** Paths of a walk's directories, and of everything in it. */
export function shapeOf(walked: Walked): { readonly directories: string[]; readonly items: string[] } {
  const below = (path: string): string => path.slice(walked.root.length + 1) || ".";
  return {
    directories: walked.directories.map(({ item }) => below(item.path)),
    items: [...walked.items.keys()].toSorted(),
  };
}
