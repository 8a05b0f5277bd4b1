import { relative, resolve, sep } from "node:path";

/** Whether a path is in a folder, or the folder itself. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way !== ".." && !way.startsWith(`..${sep}`);
}
