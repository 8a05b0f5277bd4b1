import type { FileTree, IndexedPackage, PackageFile, RepositoryKind, Section, Signing, Trust } from "../contract.ts";
import { RepositoryError } from "../repository-error.ts";
import { publicKeyFiles, trustIn } from "../signing/trust.ts";
import { addPackages, isSameVersion } from "./add-packages.ts";
import { settleSigning } from "./dating.ts";
import { finishPublication, type PlacedPackage, type Publication } from "./finish.ts";
import { readRecord } from "./record.ts";
import { type Retention, retain } from "./retention.ts";
import {
  makeNextSection,
  type NextSection,
  type Repositories,
  readSections,
  requireRoots,
  type SectionState,
} from "./state.ts";

export interface PublicationRequest {
  readonly additions: readonly Addition[];
  /** Takes versions that are older than the newest published. */
  readonly allowOlder: boolean;
}

/** A package, and the suites it goes to. Suites that are published already stay, and are signed anew if need be. */
export interface Addition {
  readonly file: PackageFile;
  readonly suites: readonly string[];
}

export interface PublicationSettings {
  readonly repositories: Repositories;
  readonly signing: Signing;
  readonly retention: Retention;
}

/**
 * What has to be written so that packages are published beside those that are. Nothing is rebuilt from files: what the
 * signed indexes say stays, word for word. The same request again changes nothing.
 */
export async function preparePublication(
  tree: FileTree,
  request: PublicationRequest,
  { repositories, signing: wanted, retention }: PublicationSettings,
): Promise<Publication> {
  const record = await readRecord(tree);
  const suites = [
    ...new Set([...record.suites, ...request.additions.flatMap((addition) => addition.suites)]),
  ].toSorted();
  const states = await readSections(tree, suites, repositories);
  requireRoots(states, record);
  const signing = settleSigning(
    wanted,
    states.flatMap(({ published }) => published ?? []),
  );
  const ages = { nowSeconds: signing.timeSeconds, published: record.published };
  const wanting = states.map((state) => ({ ...state, packages: wantedPackages(state, request) }));
  const kept = retain(wanting, retention, ages);
  const sections: NextSection[] = [];
  for (const [index, state] of states.entries())
    sections.push(await makeNextSection(tree, state, kept[index] ?? [], signing));
  requireKept(sections, request);
  const packages = await newFiles(tree, sections, request);
  for (const { file } of packages) await requireSignature(file, repositories.trust);
  const keys = await publicKeyFiles(trustIn(signing, undefined));
  return finishPublication(tree, sections, {
    repositories,
    signing,
    retention,
    record,
    suites,
    packages: packages.map(({ path, file, isNamed }) => ({ path, content: file.content, isNamed })),
    gone: [],
    keys,
  });
}

function wantedPackages(
  { kind, section, published }: SectionState,
  { additions, allowOlder }: PublicationRequest,
): readonly IndexedPackage[] {
  const files = filesFor(kind, section, additions);
  return addPackages(kind, section, published?.packages ?? [], { files, allowOlder });
}

/** What would be added only to be dropped again is not what somebody means. */
function requireKept(sections: readonly NextSection[], { additions }: PublicationRequest): void {
  for (const { file, suites } of additions) {
    const its = sections.filter(({ kind, section }) => kind.name === file.kind && suites.includes(section.suite));
    const isKept = its.map(({ section, packages }) => {
      const indexed = file.indexIn(section);
      return indexed && packages.some((kept) => isSameVersion(kept, indexed));
    });
    if (isKept.includes(true) || !isKept.includes(false)) continue;
    throw new RepositoryError(
      "not-newer",
      `${file.fileName}: ${file.version} would be dropped at once, for newer versions are kept`,
      "keep more versions (--keep), or publish a newer one",
    );
  }
}

function filesFor(kind: RepositoryKind, { suite }: Section, additions: readonly Addition[]): PackageFile[] {
  return additions
    .filter(({ file, suites }) => file.kind === kind.name && suites.includes(suite))
    .map(({ file }) => file);
}

type PlacedFile = Omit<PlacedPackage, "content"> & { readonly file: PackageFile };

/**
 * The packages that are to be written: what is not there, and what has other bytes there than the index of its own section
 * says. Packages that nobody asks for are not read.
 */
async function newFiles(
  tree: FileTree,
  sections: readonly NextSection[],
  { additions }: PublicationRequest,
): Promise<PlacedFile[]> {
  const files = new Map<string, PlacedFile>();
  for (const { kind, section, published, packages: kept } of sections) {
    const named = new Set(published?.packages.map(({ path }) => path));
    const keptPaths = new Set(kept.map(({ path }) => path));
    for (const file of filesFor(kind, section, additions)) {
      const path = file.indexIn(section)?.path;
      if (path === undefined || !keptPaths.has(path)) continue;
      files.set(path, { path, file, isNamed: named.has(path) || (files.get(path)?.isNamed ?? false) });
    }
  }
  const written: PlacedFile[] = [];
  for (const placed of files.values()) {
    const found = await tree.read(placed.path);
    if (found === undefined || Buffer.compare(found, placed.file.content) !== 0) written.push(placed);
  }
  return written;
}

/** Better here than on the machines of users. */
async function requireSignature(file: PackageFile, trust: Trust): Promise<void> {
  const problem = await file.signatureProblem(trust);
  if (problem === undefined) return;
  const advice = "sign packages with the key that signs the repositories, or during a rotation with the one before";
  throw new RepositoryError("key", `${file.fileName}: ${problem}`, advice);
}
