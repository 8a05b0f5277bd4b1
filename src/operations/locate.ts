import type { SnapshotId } from "../format/index.ts";
import { type ByteString, baseName, fromText } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import {
  matchesFilter,
  openSnapshots,
  resolveTarget,
  type SnapshotFilter,
  type SnapshotView,
} from "../snapshot/index.ts";
import { Glob } from "../source/index.ts";
import { tellOfUnnamed } from "./orphans.ts";
import { walkBelow } from "./walk.ts";

export interface LocateOptions {
  /** Shell patterns: of a whole name, or with a slash in it of a whole path. */
  readonly patterns: readonly string[];
  /** Only in this snapshot. */
  readonly snapshot?: string;
  /** Letters of ASCII match in both cases. */
  readonly ignoreCase: boolean;
  /** Which snapshots are looked at, when none is named. */
  readonly filter: SnapshotFilter;
  /** Of them only the newest. */
  readonly latest: boolean;
  readonly signal?: AbortSignal;
}

/** Paths that match one of the patterns, snapshot by snapshot, newest first. */
export async function* locate(
  repository: Repository,
  options: LocateOptions,
): AsyncGenerator<{ readonly snapshot: SnapshotId; readonly path: ByteString; readonly isDirectory: boolean }> {
  await repository.load();
  const fold = (text: ByteString): ByteString => (options.ignoreCase ? foldCase(text) : text);
  const patterns = options.patterns.map((pattern) => {
    const bytes = fold(fromText(pattern));
    return { glob: new Glob(bytes), whole: bytes.includes("/") };
  });
  const views =
    options.snapshot === undefined
      ? await chosen(repository, options)
      : [(await resolveTarget(repository, options.snapshot)).view];
  for (const view of views) {
    for await (const { path, isDirectory } of walkBelow(repository, view, "/" as ByteString, options)) {
      const folded = fold(path);
      const name = baseName(folded);
      if (patterns.some(({ glob, whole }) => glob.matches(whole ? folded : name)))
        yield { snapshot: view.id, path, isDirectory };
    }
  }
}

async function chosen(repository: Repository, { filter, latest }: LocateOptions): Promise<SnapshotView[]> {
  const all = await openSnapshots(repository);
  await tellOfUnnamed(repository, all.length);
  const views = all.filter(({ header }) => matchesFilter(header, filter));
  return latest ? views.slice(0, 1) : views;
}

function foldCase(text: ByteString): ByteString {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) as ByteString;
}
