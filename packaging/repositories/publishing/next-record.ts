import type { Generation, PublicationRecord } from "./record.ts";
import type { Retention } from "./retention.ts";
import type { NextSection } from "./state.ts";
import { generationPath } from "./trees.ts";

export interface RecordChanges {
  readonly retention: Retention;
  readonly nowSeconds: number;
  readonly suites: readonly string[];
  /** The new state; undefined if it is recorded already. */
  readonly generation: Omit<Generation, "files"> | undefined;
}

/** What has to be remembered after a publication, and what may be deleted: nothing that any kept state names. */
export function nextRecord(
  record: PublicationRecord,
  sections: readonly NextSection[],
  { retention, nowSeconds, suites, generation }: RecordChanges,
): { record: PublicationRecord; deletions: string[] } {
  const files = sections.flatMap(pathsOf);
  const generations = keptGenerations(nextGenerations(record, sections, generation), sections, retention);
  const referenced = new Set([...files, ...generations.flatMap((kept) => kept.files)]);
  const known = [
    ...record.generations.flatMap((kept) => kept.files),
    ...sections.flatMap(publishedPathsOf),
    ...record.unreferenced.keys(),
  ];
  const unreferenced = new Map(
    known.filter((path) => !referenced.has(path)).map((path) => [path, record.unreferenced.get(path) ?? nowSeconds]),
  );
  const deletions = [...unreferenced]
    .filter(([, since]) => nowSeconds - since >= retention.graceSeconds)
    .map(([path]) => path);
  for (const path of deletions) unreferenced.delete(path);
  const paths = sections.flatMap(({ packages }) => packages.map(({ path }) => path));
  const published = new Map(paths.map((path) => [path, record.published.get(path) ?? nowSeconds]));
  return { record: { suites, generations, published, unreferenced }, deletions };
}

function nextGenerations(
  { generations }: PublicationRecord,
  sections: readonly NextSection[],
  next: RecordChanges["generation"],
): readonly Generation[] {
  if (next === undefined) return generations;
  const copies = sections.flatMap(({ files: { roots } }) => roots.map(({ path }) => generationPath(next.id, path)));
  const files = [...new Set([...sections.flatMap(pathsOf), ...copies])].toSorted();
  return [...generations, { ...next, files }];
}

/** The states that can be gone back to; without the packages that only they name, if those are not to stay for that. */
function keptGenerations(
  generations: readonly Generation[],
  sections: readonly NextSection[],
  retention: Retention,
): readonly Generation[] {
  const newest = generations.slice(-Math.max(1, retention.generations));
  if (retention.statesKeepPackages) return newest;
  const packages = new Set(sections.flatMap((section) => section.packages.map(({ path }) => path)));
  const isDropped = (path: string): boolean =>
    sections.some(({ kind }) => path.endsWith(kind.extension)) && !packages.has(path);
  return newest.map((kept) => ({ ...kept, files: kept.files.filter((path) => !isDropped(path)) }));
}

function pathsOf({ files: { immutable, roots }, packages }: NextSection): string[] {
  return [...immutable, ...roots, ...packages].map(({ path }) => path);
}

function publishedPathsOf({ published }: NextSection): string[] {
  return published === undefined ? [] : [...published.files, ...published.packages.map(({ path }) => path)];
}
