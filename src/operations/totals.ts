import type { VfsSummary } from "../format/index.ts";
import type { SnapshotView } from "../snapshot/index.ts";

/** How many files there are in a whole snapshot, and their size. */
export function totalsOf({ header }: SnapshotView): { readonly files: number; readonly bytes: number } {
  const summary = header.sources[0]?.summary;
  return summary ? totals(summary) : { files: 0, bytes: 0 };
}

export function totals({ directory, below }: VfsSummary): { readonly files: number; readonly bytes: number } {
  return {
    files: (directory.files ?? 0) + (below.files ?? 0),
    bytes: (directory.size ?? 0) + (below.size ?? 0),
  };
}
