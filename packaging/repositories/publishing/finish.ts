import type { FileTree, NewFile, Signing } from "../contract.ts";
import { digestOf } from "../digests.ts";
import type { Changes } from "../places/place.ts";
import { RepositoryError } from "../repository-error.ts";
import { trustIn } from "../signing/trust.ts";
import { missingFiles, sameBytes } from "./missing-files.ts";
import { nextRecord } from "./next-record.ts";
import { generationIds, type PublicationRecord, recordPath, writeRecord } from "./record.ts";
import type { Retention } from "./retention.ts";
import type { NextSection, Repositories } from "./state.ts";
import { generationPath, overlay, without } from "./trees.ts";
import { verifySections } from "./verify.ts";

/** What is going to be published, and what became of the packages. */
export interface Publication {
  readonly changes: Changes;
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  /** What was published before, and is written again because it was gone or had other bytes. */
  readonly mended: readonly string[];
  /** What an earlier state had, and nobody can have back by going there. */
  readonly gone: readonly string[];
  /** The state that this publication can be gone back to by; undefined if nothing changes. */
  readonly generation: string | undefined;
  /** Until when clients accept what is signed with that state; undefined is for ever. */
  readonly expiresSeconds: number | undefined;
}

/** A package where it is going to lie. */
export interface PlacedPackage extends NewFile {
  /** Whether an index that is published names exactly these bytes there. */
  readonly isNamed: boolean;
}

export interface Finishing {
  readonly repositories: Repositories;
  readonly signing: Signing;
  readonly retention: Retention;
  readonly record: PublicationRecord;
  readonly suites: readonly string[];
  /** Packages that are to be written. */
  readonly packages: readonly PlacedPackage[];
  readonly gone: readonly string[];
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
  const sectionRoots = sections.flatMap(({ files }) => files.roots);
  const rootsDigest = digestOfFiles(sectionRoots);
  const { generation, copies } = await nextState(tree, sectionRoots, rootsDigest, finishing);
  const { record, deletions } = nextRecord(finishing.record, sections, {
    retention,
    nowSeconds: signing.timeSeconds,
    suites,
    generation: generation === undefined ? undefined : { id: generation, roots: rootsDigest },
  });
  const { files: immutable, mended } = await missingFiles(tree, {
    packages: finishing.packages,
    indexes: sections.flatMap(({ files }) => files.immutable),
    copies,
  });
  const visible = await changedFiles(tree, [...keys, ...sectionRoots]);
  const roots = [...visible, ...(await changedFiles(tree, [{ path: recordPath, content: writeRecord(record) }]))];
  const changes: Changes = { immutable, roots, deletions };
  await requireSound(tree, sections, changes, finishing);
  return {
    changes,
    ...packageChanges(sections),
    gone: finishing.gone,
    mended: [...mended, ...(generation === undefined ? visible.map(({ path }) => path) : [])],
    generation,
    expiresSeconds: signing.validForSeconds && signing.timeSeconds + signing.validForSeconds,
  };
}

/**
 * The state's name, and copies of its roots under it. It is a new state by its roots, not by what changes: a run that was
 * killed may have written them all, and not the record. What such a run has left under a name with other bytes, stays there.
 */
async function nextState(
  tree: FileTree,
  roots: readonly NewFile[],
  rootsDigest: string,
  { record, signing }: Finishing,
): Promise<{ generation: string | undefined; copies: readonly NewFile[] }> {
  if (record.generations.at(-1)?.roots === rootsDigest) return { generation: undefined, copies: [] };
  for (const generation of generationIds(record, signing.timeSeconds)) {
    const copies = roots.map(({ path, content }) => ({ path: generationPath(generation, path), content }));
    if (await isFree(tree, copies)) return { generation, copies };
  }
  throw new Error("names do not end");
}

async function isFree(tree: FileTree, files: readonly NewFile[]): Promise<boolean> {
  for (const { path, content } of files) {
    const found = await tree.read(path);
    if (found !== undefined && !sameBytes(found, content)) return false;
  }
  return true;
}

function digestOfFiles(files: readonly NewFile[]): string {
  const lines = files.map(({ path, content }) => `${path} ${digestOf(content, "sha256")}\n`);
  return digestOf(Buffer.from(lines.join("")), "sha256");
}

async function changedFiles(tree: FileTree, files: readonly NewFile[]): Promise<NewFile[]> {
  const changed: NewFile[] = [];
  for (const file of files) {
    const found = await tree.read(file.path);
    if (found === undefined || !sameBytes(found, file.content)) changed.push(file);
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
  const { problems } = await verifySections(without(overlay(tree, written), deletions), {
    kinds: repositories.kinds,
    sections: sections.map(({ section }) => section),
    trust: trustIn(signing, signing.timeSeconds),
    reads: (path) => read.has(path), // the others were looked at when they were new
  });
  if (problems.length === 0) return;
  throw new RepositoryError(
    "damaged-repository",
    `what is about to be published: ${problems.join("; ")}`,
    "publish the files of the missing packages again, in one run; or go back to the last state, which leaves out what is gone (docs/repositories.md, Damage)",
  );
}
