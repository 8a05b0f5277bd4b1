import { itemKindOf, type Mac, ResourceType, type VfsEntry } from "../format/index.ts";
import {
  type ByteString,
  corrupted,
  equalBytes,
  isPlakarError,
  throwIfAborted,
  toBytes,
  toDisplay,
  toHex,
} from "../foundation/index.ts";
import type { KnownObjects } from "../pipeline/index.ts";
import type { Repository } from "../repository/index.ts";
import { type Child, type SnapshotView } from "../snapshot/index.ts";
import type { Blobs } from "./check-blobs.ts";
import type { CheckedSnapshot, CheckOptions, Problem } from "./check-contract.ts";
import { problemOf } from "./check-problems.ts";
import { checkTrees } from "./check-trees.ts";

interface DirectoryVerdict {
  readonly items: number;
  readonly problems: readonly Problem[];
  readonly gaps: readonly Problem[];
  readonly files: number;
  readonly bytes: number;
}

/** Walks snapshots and names what is missing or damaged. Directories that snapshots share are looked at once. */
export class SnapshotChecker {
  readonly #repository: Repository;
  readonly #blobs: Blobs;
  readonly #options: CheckOptions;
  readonly #objects: KnownObjects | undefined;
  readonly #seen: Map<string, DirectoryVerdict> = new Map();

  /** `objects`: what is known of them already, and need not be looked at again. */
  constructor(repository: Repository, blobs: Blobs, options: CheckOptions, objects?: KnownObjects) {
    this.#repository = repository;
    this.#blobs = blobs;
    this.#options = options;
    this.#objects = objects;
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
    await attempt(() => checkTrees(view, this.#blobs, problems.length === 0 ? items : undefined));
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
    let children: readonly Child[];
    const lost: Problem[] = [];
    try {
      children = await view.children(directory, (error) => lost.push(problemOf(error, directory)));
    } catch (error) {
      report({ items: 0, problems: [problemOf(error, directory)], gaps: [], files: 0, bytes: 0 });
      return;
    }
    const digest = this.#digestOf(directory, children);
    let verdict = this.#seen.get(digest);
    if (!verdict) {
      verdict = await this.#directory(view, children);
      this.#seen.set(digest, verdict);
    }
    report({ ...verdict, problems: [...lost, ...verdict.problems] });
    for (const child of children) if (child.isDirectory) await this.#walk(view, child.path, report);
  }

  /** Equal for directories that have the same path and the same entries. */
  #digestOf(directory: ByteString, children: readonly Child[]): string {
    const path = toBytes(`${directory}\0` as ByteString);
    return toHex(this.#repository.sealer.mac(Buffer.concat([path, ...children.map(({ mac }) => mac)])));
  }

  async #directory(view: SnapshotView, children: readonly Child[]): Promise<DirectoryVerdict> {
    const problems: Problem[] = [];
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
    return { items: children.length, problems, gaps, files, bytes };
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
