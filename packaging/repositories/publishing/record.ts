import type { FileTree } from "../contract.ts";
import { messageOf, RepositoryError } from "../repository-error.ts";

/** An earlier state that can be published again. */
export interface Generation {
  /** When it was published: `20261130T170000Z`, with `-2` behind it if it was the second at that time. */
  readonly id: string;
  /** The digest of its roots, by which it is known again. */
  readonly roots: string;
  /** Everything that its roots lead to, and the copies of its roots. */
  readonly files: readonly string[];
}

/**
 * What publishing has to remember, and no index says. Nobody trusts it: without it, all that is lost are the earlier states
 * and the ages of packages, and nothing is deleted.
 */
export interface PublicationRecord {
  readonly suites: readonly string[];
  /** Oldest first. */
  readonly generations: readonly Generation[];
  /** When packages appeared, in seconds since 1970, by path. */
  readonly published: ReadonlyMap<string, number>;
  /** Since when nothing names them, by path. */
  readonly unreferenced: ReadonlyMap<string, number>;
}

export const recordPath = "publication.json";

const format = 1;

export async function readRecord(tree: FileTree): Promise<PublicationRecord> {
  const content = await tree.read(recordPath);
  if (content === undefined) return { suites: [], generations: [], published: new Map(), unreferenced: new Map() };
  try {
    const json = JSON.parse(new TextDecoder().decode(content)) as WrittenRecord;
    if (json.format !== format) throw new Error(`it is of format ${json.format}, which this version does not know`);
    requireSuites(json.suites);
    requirePlainPaths([...json.generations.flatMap(({ files }) => files), ...Object.keys(json.unreferenced)]);
    return {
      suites: json.suites,
      generations: json.generations,
      published: new Map(Object.entries(json.published)),
      unreferenced: new Map(Object.entries(json.unreferenced)),
    };
  } catch (cause) {
    throw new RepositoryError(
      "damaged-repository",
      `${recordPath}: ${messageOf(cause)}`,
      "find out who changed it; then bring it back from a copy, or begin a new one, which forgets earlier states: --new-record",
      cause,
    );
  }
}

/** A tree whose record nobody reads, to begin a new one in its place. */
export function withoutRecord<Tree extends FileTree>(tree: Tree): Tree {
  return { ...tree, read: async (path) => (path === recordPath ? undefined : tree.read(path)) };
}

/** They become paths. */
function requireSuites(suites: unknown): void {
  if (
    !Array.isArray(suites) ||
    !suites.every((suite) => typeof suite === "string" && /^[a-z0-9][a-z0-9.-]*$/.test(suite))
  )
    throw new Error("it has no list of suites");
}

/** They are deleted some day: somebody who can write here must not be able to point elsewhere. */
function requirePlainPaths(paths: readonly string[]): void {
  const strange = paths.find((path) => path.split("/").some((part) => part === "" || part === "." || part === ".."));
  if (strange !== undefined) throw new Error(`it names ${strange}`);
}

interface WrittenRecord {
  readonly format: number;
  readonly suites: readonly string[];
  readonly generations: readonly Generation[];
  readonly published: Readonly<Record<string, number>>;
  readonly unreferenced: Readonly<Record<string, number>>;
}

export function writeRecord({ suites, generations, published, unreferenced }: PublicationRecord): Uint8Array {
  const sorted = (times: ReadonlyMap<string, number>): Record<string, number> =>
    Object.fromEntries([...times].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const written: WrittenRecord = {
    format,
    suites,
    generations,
    published: sorted(published),
    unreferenced: sorted(unreferenced),
  };
  return Buffer.from(`${JSON.stringify(written, undefined, 1)}\n`);
}

/** Names for a state at a time, one after the other, without those that are recorded. */
export function* generationIds({ generations }: PublicationRecord, timeSeconds: number): Generator<string, never> {
  const time = new Date(timeSeconds * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const taken = new Set(generations.map(({ id }) => id));
  for (let count = 1; ; count++) {
    const id = count === 1 ? time : `${time}-${count}`;
    if (!taken.has(id)) yield id;
  }
}

/** When the last state was published; undefined if there is none. */
export function lastPublished({ generations }: PublicationRecord): number | undefined {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(generations.at(-1)?.id ?? "") ?? [];
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return parts.length === 0 ? undefined : Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}
