import type { FileTree, NewFile, Signing } from "../contract.ts";
import { digestOf } from "../digests.ts";
import type { Changes } from "../places/place.ts";
import { damagedRepository, RepositoryError } from "../repository-error.ts";
import { trustIn } from "../signing/trust.ts";
import { nextRecord } from "./next-record.ts";
import { nextGenerationId, type PublicationRecord, recordPath, writeRecord } from "./record.ts";
import type { Retention } from "./retention.ts";
import type { NextSection, Repositories } from "./state.ts";
import { generationPath, overlay, without } from "./trees.ts";
import { verifySections } from "./verify.ts";

/** What is going to be published, and what became of the packages. */
export interface Publication {
  readonly changes: Changes;
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  /** The state that this publication can be gone back to by; undefined if nothing changes. */
  readonly generation: string | undefined;
}

export interface Finishing {
  readonly repositories: Repositories;
  readonly signing: Signing;
  readonly retention: Retention;
  readonly record: PublicationRecord;
  readonly suites: readonly string[];
  /** New packages where they are going to lie. */
  readonly packages: readonly NewFile[];
  /** The public keys, which come before anything that they sign. */
  readonly keys: readonly NewFile[];
}

/** The changes that lead to these sections: looked at as a client would before anybody else sees them. */
export async function finishPublication(
  tree: FileTree,
  sections: readonly NextSection[],
  finishing: Finishing,
): Promise<Publication> {
  const { signing, keys, retention, suites } = finishing;
  const indexes = sections.flatMap(({ files }) => files.immutable);
  const sectionRoots = sections.flatMap(({ files }) => files.roots);
  const rootsDigest = digestOfFiles(sectionRoots);
  // by the roots, not by what changes: a run that was killed may have written them all, and not the record
  const generation = nextGenerationId(finishing.record, rootsDigest, signing.timeSeconds);
  const { record, deletions } = nextRecord(finishing.record, sections, {
    retention,
    nowSeconds: signing.timeSeconds,
    suites,
    generation: generation === undefined ? undefined : { id: generation, roots: rootsDigest },
  });
  const copies = generation === undefined ? [] : sectionRoots.map((file) => copyFor(generation, file));
  const immutable = await missingFiles(tree, [...finishing.packages, ...indexes, ...copies]);
  const roots = await changedFiles(tree, [
    ...keys,
    ...sectionRoots,
    { path: recordPath, content: writeRecord(record) },
  ]);
  const changes: Changes = { immutable, roots, deletions };
  await requireSound(tree, sections, changes, finishing);
  return { changes, ...packageChanges(sections), generation };
}

function digestOfFiles(files: readonly NewFile[]): string {
  const lines = files.map(({ path, content }) => `${path} ${digestOf(content, "sha256")}\n`);
  return digestOf(Buffer.from(lines.join("")), "sha256");
}

function copyFor(generation: string, { path, content }: NewFile): NewFile {
  return { path: generationPath(generation, path), content };
}

/** What is there already, with the same bytes, need not be written; with other bytes it must not. */
async function missingFiles(tree: FileTree, files: readonly NewFile[]): Promise<NewFile[]> {
  const missing = new Map<string, NewFile>();
  for (const file of files) {
    const found = missing.get(file.path)?.content ?? (await tree.read(file.path));
    if (found === undefined) missing.set(file.path, file);
    else if (Buffer.compare(found, file.content) !== 0) throw otherBytes(file.path);
  }
  return [...missing.values()];
}

function otherBytes(path: string): RepositoryError {
  const advice = path.startsWith("generations/")
    ? "another publication has begun with this time: set SOURCE_DATE_EPOCH to a later one"
    : "what is published does not change: release another version";
  return new RepositoryError("conflict", `${path} is there already, with other bytes`, advice);
}

async function changedFiles(tree: FileTree, files: readonly NewFile[]): Promise<NewFile[]> {
  const changed: NewFile[] = [];
  for (const file of files) {
    const found = await tree.read(file.path);
    if (found === undefined || Buffer.compare(found, file.content) !== 0) changed.push(file);
  }
  return changed;
}

function packageChanges(sections: readonly NextSection[]): { added: string[]; dropped: string[] } {
  const before = new Set(sections.flatMap(({ published }) => published?.packages.map(({ path }) => path) ?? []));
  const after = new Set(sections.flatMap(({ packages }) => packages.map(({ path }) => path)));
  return {
    added: [...after].filter((path) => !before.has(path)),
    dropped: [...before].filter((path) => !after.has(path)),
  };
}

async function requireSound(
  tree: FileTree,
  sections: readonly NextSection[],
  { immutable, roots, deletions }: Changes,
  { repositories, signing }: Finishing,
): Promise<void> {
  const written = [...immutable, ...roots];
  const read = new Set(written.map(({ path }) => path));
  const times = sections.map(({ published }) => published?.timeSeconds ?? 0);
  const { problems } = await verifySections(without(overlay(tree, written), deletions), {
    kinds: repositories.kinds,
    sections: sections.map(({ section }) => section),
    trust: trustIn(signing, Math.max(signing.timeSeconds, ...times)),
    reads: (path) => read.has(path), // the others were looked at when they were new
  });
  if (problems.length > 0) throw damagedRepository("what is about to be published", problems.join("; "));
}
