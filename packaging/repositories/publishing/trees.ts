import type { FileTree, NewFile } from "../contract.ts";
import type { Generation } from "./record.ts";

/** A tree as it will be once files are written over it. */
export function overlay(tree: FileTree, files: readonly NewFile[]): FileTree {
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  return {
    read: async (path) => contents.get(path) ?? tree.read(path),
    sizeOf: async (path) => contents.get(path)?.length ?? tree.sizeOf(path),
  };
}

/** A tree as it will be once files are deleted. */
export function without(tree: FileTree, paths: readonly string[]): FileTree {
  const deleted = new Set(paths);
  return {
    read: async (path) => (deleted.has(path) ? undefined : tree.read(path)),
    sizeOf: async (path) => (deleted.has(path) ? undefined : tree.sizeOf(path)),
  };
}

/** Where an earlier state keeps a root; everything else of it lies where it always did. */
export function generationPath(id: string, path: string): string {
  return `generations/${id}/${path}`;
}

/** A tree as it was when an earlier state was published. */
export function generationTree(tree: FileTree, { id, files }: Generation): FileTree {
  const known = new Set(files);
  const placeOf = (path: string): string | undefined => {
    const copy = generationPath(id, path);
    if (known.has(copy)) return copy;
    return known.has(path) ? path : undefined;
  };
  return {
    read: async (path) => {
      const place = placeOf(path);
      return place === undefined ? undefined : tree.read(place);
    },
    sizeOf: async (path) => {
      const place = placeOf(path);
      return place === undefined ? undefined : tree.sizeOf(place);
    },
  };
}
