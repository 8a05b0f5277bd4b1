import type { FileTree, IndexedPackage, PublishedSection } from "../contract.ts";
import { RepositoryError } from "../repository-error.ts";
import { publicKeyFiles, trustIn } from "../signing/trust.ts";
import { settleSigning } from "./dating.ts";
import { finishPublication, type Publication } from "./finish.ts";
import type { PublicationSettings } from "./prepare.ts";
import { type Generation, lastPublished, type PublicationRecord, readRecord } from "./record.ts";
import { makeNextSection, type NextSection, type Repositories, readSections, type SectionState } from "./state.ts";
import { generationTree } from "./trees.ts";

/**
 * What has to be written so that the packages of an earlier state are published again. The old roots themselves would be
 * refused as a replay; their contents are signed anew, after their own signatures were checked. This is the way out of
 * damage, too: what is published now may be unreadable, as long as the earlier state is not.
 */
export async function prepareRollback(
  tree: FileTree,
  id: string,
  { repositories, signing: wanted, retention }: PublicationSettings,
): Promise<Publication> {
  const record = await readRecord(tree);
  const earlier = await readGeneration(tree, record, id, repositories);
  const states = await readWhatIsSound(tree, record, repositories, new Set(earlier.keys()));
  const signing = settleSigning(
    // what cannot be read any more was signed by then
    { ...wanted, timeSeconds: Math.max(wanted.timeSeconds, lastPublished(record) ?? 0) },
    states.flatMap(({ section, published }) => published ?? earlier.get(section.folder) ?? []),
  );
  const sections: NextSection[] = [];
  const gone: string[] = [];
  for (const state of states) {
    const packages = (earlier.get(state.section.folder) ?? state.published)?.packages ?? [];
    const missing = await missingOf(tree, packages);
    gone.push(...missing);
    const there = packages.filter(({ path }) => !missing.has(path));
    sections.push(await makeNextSection(tree, state, there, signing));
  }
  const keys = await publicKeyFiles(trustIn(signing, undefined));
  const rest = { repositories, signing, retention, record, suites: record.suites, packages: [], keys };
  return finishPublication(tree, sections, { ...rest, gone: [...new Set(gone)] });
}

/** An index that names what is not there is no way out of anything. */
async function missingOf(tree: FileTree, packages: readonly IndexedPackage[]): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  for (const { path } of packages) if ((await tree.sizeOf(path)) === undefined) missing.add(path);
  return missing;
}

/** The sections as they are published; damaged ones, which the earlier state replaces, as if nothing were there. */
async function readWhatIsSound(
  tree: FileTree,
  { suites }: PublicationRecord,
  { kinds, architectures, trust }: Repositories,
  replaced: ReadonlySet<string>,
): Promise<SectionState[]> {
  const states: SectionState[] = [];
  for (const kind of kinds) {
    for (const section of suites.flatMap((suite) => kind.sectionsOf(suite, architectures))) {
      const published = await kind.readSection(tree, section, trust).catch((error: unknown) => {
        const isDamage = error instanceof RepositoryError && error.code === "damaged-repository";
        if (isDamage && replaced.has(section.folder)) return undefined;
        throw error;
      });
      states.push({ kind, section, published });
    }
  }
  return states;
}

/** Every section that there was then, by its folder. */
async function readGeneration(
  tree: FileTree,
  record: PublicationRecord,
  id: string,
  repositories: Repositories,
): Promise<Map<string, PublishedSection>> {
  const states = await readSections(generationTree(tree, findGeneration(record, id)), record.suites, repositories);
  return new Map(
    states.flatMap(({ section, published }) => (published === undefined ? [] : [[section.folder, published] as const])),
  );
}

function findGeneration({ generations }: PublicationRecord, id: string): Generation {
  const generation = generations.find((kept) => kept.id === id);
  if (generation !== undefined) return generation;
  const known = generations.map((kept) => kept.id).join(", ") || "none";
  throw new RepositoryError("input", `there is no earlier state ${id}`, `choose one of these: ${known}`);
}
