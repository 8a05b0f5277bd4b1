import { type Mac, ResourceType } from "../format/index.ts";
import {
  type ByteString,
  corrupted,
  count,
  equalBytes,
  isPlakarError,
  throwIfAborted,
  toDisplay,
  toHex,
} from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { type Child, directoryIndex, itemOf, type SnapshotView } from "../snapshot/index.ts";
import type { Blobs } from "./check-blobs.ts";
import type { CheckedSnapshot, CheckOptions, Problem } from "./check-contract.ts";
import { problemOf } from "./check-problems.ts";

interface DirectoryVerdict {
  readonly children: readonly { readonly path: ByteString; readonly mac: Mac }[];
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
  readonly #seen: Map<string, DirectoryVerdict> = new Map();

  constructor(repository: Repository, blobs: Blobs, options: CheckOptions) {
    this.#repository = repository;
    this.#blobs = blobs;
    this.#options = options;
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
      items += verdict.children.length;
      problems.push(...verdict.problems);
      gaps.push(...verdict.gaps);
      this.#options.progress({ type: "progress", files, bytes });
    });
    await attempt(() => this.#trees(view, problems.length === 0 ? items : undefined));
    let partial = gaps.length > 0;
    await attempt(async () => {
      for await (const _failure of view.failures()) partial = true;
    });
    return { id: view.id, files, bytes, partial, problems: distinct(problems), gaps };
  }

  #header(view: SnapshotView): void {
    const id = Buffer.from(view.id, "hex") as unknown as Mac;
    this.#blobs.require(ResourceType.snapshot, id, "the header");
  }

  /** Depth first from a directory; a directory that cannot be read is a problem, and what is below it is not reached. */
  async #walk(view: SnapshotView, directory: ByteString, report: (verdict: DirectoryVerdict) => void): Promise<void> {
    throwIfAborted(this.#options.signal);
    let children: readonly Child[];
    const lost: Problem[] = [];
    try {
      children = await view.children(directory, (error) => lost.push(problemOf(error, directory)));
    } catch (error) {
      report({ children: [], problems: [problemOf(error, directory)], gaps: [], files: 0, bytes: 0 });
      return;
    }
    const key = `${directory}\0${children.map(({ mac }) => Buffer.from(mac).toString("latin1")).join("")}`;
    const digest = toHex(this.#repository.sealer.mac(Buffer.from(key, "latin1")));
    let verdict = this.#seen.get(digest);
    if (!verdict) {
      verdict = await this.#directory(view, children);
      this.#seen.set(digest, verdict);
    }
    report({ ...verdict, problems: [...lost, ...verdict.problems] });
    for (const child of children) if (child.isDirectory) await this.#walk(view, child.path, report);
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
        this.#blobs.require(ResourceType.vfsEntry, child.mac, `the entry of ${toDisplay(child.path)}`);
        for (const failure of (await view.attributesOf(child.path, child.entry.extendedAttributes ?? [])).failures) {
          (isPlakarError(failure, "missing") ? gaps : problems).push(problemOf(failure, child.path));
        }
        if (itemOf(child.path, child.entry).info.kind !== "file") continue;
        files++;
        bytes += child.entry.fileInfo.size;
        await this.#file(view, child);
      } catch (error) {
        problems.push(problemOf(error, child.path));
      }
    }
    return { children, problems, gaps, files, bytes };
  }

  async #file(view: SnapshotView, { path, entry }: Child): Promise<void> {
    const what = toDisplay(path);
    this.#blobs.require(ResourceType.object, entry.object, `the object of ${what}`);
    const object = await view.object(entry.object, what);
    let length = 0;
    for (const chunk of object.chunks) {
      this.#blobs.require(ResourceType.chunk, chunk.mac, `a part of ${what}`);
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

  /** Every node of every tree, and every value a blob that is there. */
  async #trees(view: SnapshotView, items: number | undefined): Promise<void> {
    let entries = 0;
    for await (const { key, value } of view.entries.scan()) {
      entries++;
      this.#blobs.require(ResourceType.vfsEntry, value, `the entry of ${toDisplay(key)}`);
    }
    if (items !== undefined && view.indexes.has(directoryIndex) && entries !== items) {
      throw corrupted(
        "tree-damaged",
        `the tree of entries has ${count(entries, "item")} where the directories have ${items}`,
      );
    }
    for (const tree of [view.entries, view.attributes, view.errors, ...view.indexes.values()]) {
      for await (const { type, mac } of tree.nodes()) this.#blobs.require(type, mac, "a node of a tree");
    }
    for await (const { key, value } of view.attributes.scan()) {
      this.#blobs.require(ResourceType.xattrEntry, value, `attribute ${toDisplay(key)}`);
    }
    for await (const { key, value } of view.indexes.get("summary")?.scan() ?? []) {
      this.#blobs.require(ResourceType.vfsSummary, value, `the summary of ${toDisplay(key)}`);
    }
  }
}

/** One line an item and cause. */
function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) seen.set(`${problem.path ?? ""}\0${problem.message}`, problem);
  return [...seen.values()];
}
