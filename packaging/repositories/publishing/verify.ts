import type { FileTree, IndexedPackage, PublishedSection, RepositoryKind, Section, Trust } from "../contract.ts";
import { RepositoryError } from "../repository-error.ts";

export interface VerifiedSections {
  readonly problems: readonly string[];
  readonly sections: number;
  readonly packages: number;
}

export interface Verification {
  readonly kinds: readonly RepositoryKind[];
  readonly sections: readonly Section[];
  readonly trust: Trust;
  /** Which packages to read; of the others only the presence is looked at. All, if not given. */
  readonly reads?: (path: string) => boolean;
}

/** Acts as clients do: from every signed root to every package. Answers a line for each thing that is wrong. */
export async function verifySections(tree: FileTree, verification: Verification): Promise<VerifiedSections> {
  const problems: string[] = [];
  let packages = 0;
  for (const section of verification.sections) {
    const kind = verification.kinds.find(({ name }) => name === section.kind);
    if (kind === undefined) throw new Error(`no kind ${section.kind}`);
    const published = await readOrProblem(tree, section, kind, verification.trust);
    if (typeof published === "string") {
      problems.push(published);
      continue;
    }
    for (const indexed of published.packages) {
      packages++;
      const problem = await packageProblem(tree, kind, indexed, verification.reads ?? (() => true));
      if (problem !== undefined) problems.push(`${indexed.path}: ${problem}`);
    }
  }
  return { problems, sections: verification.sections.length, packages };
}

async function readOrProblem(
  tree: FileTree,
  section: Section,
  kind: RepositoryKind,
  trust: Trust,
): Promise<PublishedSection | string> {
  try {
    return (await kind.readSection(tree, section, trust)) ?? `${section.folder}: nothing is published there`;
  } catch (error) {
    if (error instanceof RepositoryError) return error.message;
    throw error;
  }
}

async function packageProblem(
  tree: FileTree,
  kind: RepositoryKind,
  indexed: IndexedPackage,
  reads: (path: string) => boolean,
): Promise<string | undefined> {
  const missing = "it is missing, and an index names it";
  if (!reads(indexed.path)) return (await tree.sizeOf(indexed.path)) === undefined ? missing : undefined;
  const content = await tree.read(indexed.path);
  return content === undefined ? missing : kind.judgePackage(indexed, content);
}
