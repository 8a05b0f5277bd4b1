import { itemKindOf, type Mac, ResourceType, type VfsEntry } from "../format/index.ts";
import {
  type ByteString,
  corrupted,
  equalBytes,
  isPlakarError,
  throwIfAborted,
  toDisplay,
  toHex,
} from "../foundation/index.ts";
import type { KnownObjects } from "../pipeline/index.ts";
import type { Repository } from "../repository/index.ts";
import { type Child, type SnapshotView } from "../snapshot/index.ts";
import type { Blobs } from "./check-blobs.ts";
import type { CheckedSnapshot, CheckOptions, Problem } from "./check-contract.ts";
import { problemOf } from "./check-problems.ts";
import { TreeChecker } from "./check-trees.ts";

interface DirectoryVerdict {
  readonly items: number;
  readonly problems: readonly Problem[];
  readonly gaps: readonly Problem[];
  readonly files: number;
  readonly bytes: number;
  /** What is below it. */
  readonly directories: readonly ByteString[];
  /** The tree of attributes that its children were looked up in; undefined where none of them has any. */
  readonly attributes: Mac | undefined;
}

/** Walks snapshots and names what is missing or damaged. Directories and trees that snapshots share are looked at once. */
export class SnapshotChecker {
  readonly #repository: Repository;
  readonly #blobs: Blobs;
  readonly #options: CheckOptions;
  readonly #objects: KnownObjects | undefined;
  readonly #trees: TreeChecker;
  /** By the listing's MAC and the path, which the entries in it name. */
  readonly #seen: Map<string, DirectoryVerdict> = new Map();

  /** `objects`: what is known of them already, and need not be looked at again. */
  constructor(repository: Repository, blobs: Blobs, options: CheckOptions, objects?: KnownObjects) {
    this.#repository = repository;
    this.#blobs = blobs;
    this.#options = options;
    this.#objects = objects;
    this.#trees = new TreeChecker(blobs);
  }

  async check(view: SnapshotView): Promise<CheckedSnapshot> {
    const problems: Problem[] = [];
    const gaps: Problem[] = [];
    let files = 0;
    let bytes = 0;
    let items = 1; // the root "/", which no directory lists
    const attempt = async (action: () => Promise<void>, path?: ByteString): Promise<void> => {
      try {
        await action();
      } catch (error) {
        problems.push(problemOf(error, path));
      }
    };
    await attempt(async () => this.#header(view));
    await this.#walk(view, "/" as ByteString, (verdict) => {
      files += verdict.files;
      bytes += verdict.bytes;
      items += verdict.items;
      problems.push(...verdict.problems);
      gaps.push(...verdict.gaps);
      this.#options.progress({ type: "progress", files, bytes });
    });
    await attempt(() => this.#trees.check(view, problems.length === 0 ? items : undefined));
    let partial = gaps.length > 0;
    await attempt(async () => {
      for await (const _failure of view.failures()) partial = true;
    });
    return { id: view.id, files, bytes, partial, problems: distinct(problems), gaps };
  }

  #header(view: SnapshotView): void {
    const id = Buffer.from(view.id, "hex") as unknown as Mac;
    this.#blobs.require(ResourceType.snapshot, id, () => "the header");
  }

  /** Depth first from a directory; a directory that cannot be read is a problem, and what is below it is not reached. */
  async #walk(view: SnapshotView, directory: ByteString, report: (verdict: DirectoryVerdict) => void): Promise<void> {
    throwIfAborted(this.#options.signal);
    const verdict = await this.#verdictOn(view, directory);
    report(verdict);
    for (const path of verdict.directories) await this.#walk(view, path, report);
  }

  async #verdictOn(view: SnapshotView, directory: ByteString): Promise<DirectoryVerdict> {
    const lost: Problem[] = [];
    try {
      const listing = await view.listingMac(directory);
      const key = listing && `${toHex(listing)}${directory}`;
      const seen = key === undefined ? undefined : this.#seen.get(key);
      if (seen && (!seen.attributes || equalBytes(seen.attributes, view.attributes.root))) return seen;
      const children = await view.children(directory, (error) => lost.push(problemOf(error, directory)));
      const verdict = await this.#directory(view, children, lost);
      if (key !== undefined) this.#seen.set(key, verdict);
      return verdict;
    } catch (error) {
      const problems = [...lost, problemOf(error, directory)];
      return { items: 0, problems, gaps: [], files: 0, bytes: 0, directories: [], attributes: undefined };
    }
  }

  async #directory(
    view: SnapshotView,
    children: readonly Child[],
    lost: readonly Problem[],
  ): Promise<DirectoryVerdict> {
    const problems: Problem[] = [...lost];
    const gaps: Problem[] = [];
    let files = 0;
    let bytes = 0;
    for (const child of children) {
      try {
        if (!equalBytes(this.#repository.sealer.mac(child.bytes), child.mac)) {
          throw corrupted("entry-mismatch", `the entry of ${toDisplay(child.path)} does not match its MAC`);
        }
        this.#blobs.require(ResourceType.vfsEntry, child.mac, () => `the entry of ${toDisplay(child.path)}`);
        const names = child.entry.extendedAttributes ?? [];
        for (const failure of names.length === 0 ? [] : (await view.attributesOf(child.path, names)).failures) {
          (isPlakarError(failure, "missing") ? gaps : problems).push(problemOf(failure, child.path));
        }
        if (itemKindOf(child.entry.fileInfo.mode) !== "file") continue;
        files++;
        bytes += child.entry.fileInfo.size;
        if (!this.#isKnownFile(child.entry)) await this.#file(view, child);
      } catch (error) {
        problems.push(problemOf(error, child.path));
      }
    }
    const directories = children.filter(({ isDirectory }) => isDirectory).map(({ path }) => path);
    const hasAttributes = children.some(({ entry }) => (entry.extendedAttributes ?? []).length > 0);
    const attributes = hasAttributes ? view.attributes.root : undefined;
    return { items: children.length, problems, gaps, files, bytes, directories, attributes };
  }

  /** Whether a file's object was read with its packfile, has the entry's length, and nothing of it is missing or damaged. */
  #isKnownFile({ object, fileInfo }: VfsEntry): boolean {
    const record = this.#blobs.requireSole(ResourceType.object, object);
    const known = record < 0 ? undefined : this.#objects?.of(record);
    if (!known || known.sizeBytes !== fileInfo.size || !equalBytes(known.mac, object)) return false;
    return known.chunks.every((chunk) => this.#blobs.requireRecord(chunk));
  }

  async #file(view: SnapshotView, { path, entry }: Child): Promise<void> {
    const what = toDisplay(path);
    this.#blobs.require(ResourceType.object, entry.object, () => `the object of ${what}`);
    const object = await view.object(entry.object, what);
    let length = 0;
    for (const chunk of object.chunks) {
      this.#blobs.require(ResourceType.chunk, chunk.mac, () => `a part of ${what}`);
      length += chunk.length;
    }
    if (length !== entry.fileInfo.size) {
      throw corrupted(
        "size-mismatch",
        `${what} has ${length} bytes of content where its entry says ${entry.fileInfo.size}`,
      );
    }
    const [first] = object.chunks;
    if (object.chunks.length === 1 && first && !equalBytes(first.mac, object.contentMac)) {
      throw corrupted("content-mismatch", `the content of ${what} is not the one its object names`);
    }
  }
}

/** One line an item and cause. */
function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) seen.set(`${problem.path ?? ""}\0${problem.message}`, problem);
  return [...seen.values()];
}
