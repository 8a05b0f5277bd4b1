import type { FileTree, NewFile } from "../contract.ts";
import { RepositoryError } from "../repository-error.ts";
import type { PlacedPackage } from "./finish.ts";

export interface WantedFiles {
  readonly packages: readonly PlacedPackage[];
  /** Have their own digests in their names. */
  readonly indexes: readonly NewFile[];
  readonly copies: readonly NewFile[];
}

/**
 * What is there already, with the same bytes, need not be written. With other bytes it must not, unless something that is
 * signed says which bytes are the right ones: then it is mended.
 */
export async function missingFiles(
  tree: FileTree,
  { packages, indexes, copies }: WantedFiles,
): Promise<{ files: NewFile[]; mended: string[] }> {
  const indexPaths = new Set(indexes.map(({ path }) => path));
  const namedPaths = new Set(packages.filter(({ isNamed }) => isNamed).map(({ path }) => path));
  const missing = new Map<string, NewFile>();
  const mended: string[] = [];
  for (const file of [...packages, ...indexes, ...copies]) {
    const { path, content } = file;
    if (missing.has(path)) continue; // in two sections, with the same bytes
    const found = await tree.read(path);
    if (found !== undefined && sameBytes(found, content)) continue;
    if (namedPaths.has(path) || (found !== undefined && indexPaths.has(path))) mended.push(path);
    else if (found !== undefined) throw otherBytes(path);
    missing.set(path, { path, content });
  }
  return { files: [...missing.values()], mended };
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function otherBytes(path: string): RepositoryError {
  return new RepositoryError(
    "conflict",
    `${path} is there already, with other bytes`,
    "what is published does not change: release another version",
  );
}
