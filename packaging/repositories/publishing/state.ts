import type {
  Architecture,
  FileTree,
  IndexedPackage,
  NewFile,
  PublishedSection,
  RepositoryKind,
  Section,
  SectionFiles,
  Signing,
  Trust,
} from "../contract.ts";
import { RepositoryError } from "../repository-error.ts";
import type { PublicationRecord } from "./record.ts";

/** What stays the same from one publication to the next. */
export interface Repositories {
  readonly kinds: readonly RepositoryKind[];
  readonly architectures: readonly Architecture[];
  /** For reading what is published, by keys of now and of before. */
  readonly trust: Trust;
}

/** A section that is published, or is going to be. */
export interface SectionState {
  readonly kind: RepositoryKind;
  readonly section: Section;
  readonly published: PublishedSection | undefined;
}

export async function readSections(
  tree: FileTree,
  suites: readonly string[],
  { kinds, architectures, trust }: Repositories,
): Promise<SectionState[]> {
  const states: SectionState[] = [];
  for (const kind of kinds) {
    for (const section of suites.flatMap((suite) => kind.sectionsOf(suite, architectures)))
      states.push({ kind, section, published: await kind.readSection(tree, section, trust) });
  }
  return states;
}

/**
 * Refuses a root that the last state had and that is not there any more. It is no new one: signed over new packages alone, it
 * would take all others from users.
 */
export function requireRoots(states: readonly SectionState[], { generations }: PublicationRecord): void {
  const last = generations.at(-1);
  for (const { kind, section, published } of states) {
    const isIndex = (path: string): boolean => path.startsWith(`${section.folder}/`) && !path.endsWith(kind.extension);
    if (last === undefined || published !== undefined || !last.files.some(isIndex)) continue;
    throw new RepositoryError(
      "damaged-repository",
      `${section.folder}: its root has vanished, which is in state ${last.id}`,
      `find out who removed it; then bring it back from a copy, or sign the packages of that state anew: --rollback ${last.id}`,
    );
  }
}

/** A section as it will be. */
export interface NextSection extends SectionState {
  readonly packages: readonly IndexedPackage[];
  readonly files: SectionFiles;
}

/**
 * A section with these packages. It keeps its time, and so every byte, if it has them already under the same signatures and
 * does not run out soon.
 */
export async function makeNextSection(
  tree: FileTree,
  state: SectionState,
  packages: readonly IndexedPackage[],
  signing: Signing,
): Promise<NextSection> {
  const { kind, section, published } = state;
  if (published !== undefined && !isRunningOut(published, signing)) {
    const timeSeconds = published.timeSeconds ?? signing.timeSeconds;
    const files = await kind.makeSection(section, packages, { ...signing, timeSeconds });
    if (await areThere(tree, files.roots)) return { ...state, packages, files };
  }
  return { ...state, packages, files: await kind.makeSection(section, packages, signing) };
}

/** Half of the time is left for whoever has to renew it. */
function isRunningOut({ expiresSeconds }: PublishedSection, { timeSeconds, validForSeconds = 0 }: Signing): boolean {
  return expiresSeconds !== undefined && expiresSeconds - timeSeconds < validForSeconds / 2;
}

async function areThere(tree: FileTree, files: readonly NewFile[]): Promise<boolean> {
  for (const { path, content } of files) {
    const found = await tree.read(path);
    if (found === undefined || Buffer.compare(found, content) !== 0) return false;
  }
  return true;
}
