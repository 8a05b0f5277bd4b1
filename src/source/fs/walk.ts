import { readdirSync } from "node:fs";
import { setImmediate as breathe } from "node:timers/promises";
import { type ByteString, joinPath, throwIfAborted, toDisplay, toFsPath } from "../../foundation/index.ts";
import { describeSystemError } from "../../system/index.ts";
import type { SourceDirectory, SourceFailure, SourceItem } from "../contract.ts";
import { type DirectoryRules, WalkRules } from "../ignore/walk-rules.ts";
import type { FsSourceOptions } from "./options.ts";
import { readItem } from "./read-item.ts";
import { exclusions, type Selection } from "./selection.ts";

/** Items between two chances for timers, signals and messages of this thread: some ten milliseconds. */
const ITEMS_PER_BREATH = 1000;

/** A directory still to be listed. `device` is that of the given path above it, undefined above the given paths. */
interface Pending {
  readonly item: SourceItem;
  readonly device: bigint | undefined;
  /** Of the directory above. */
  readonly rules: DirectoryRules | undefined;
}

/** A directory that was listed, and the rules that hold below it. */
interface Listed {
  readonly directory: SourceDirectory;
  readonly rules: DirectoryRules | undefined;
}

/**
 * One walk over the selected part of the file system. Between two directories it holds the directories still to be
 * listed along the current chain, and nothing else.
 */
export class FsWalk {
  readonly #selection: Selection;
  readonly #options: FsSourceOptions;
  readonly #excluded: ReadonlyMap<ByteString, ReadonlySet<ByteString>>;
  readonly #signal: AbortSignal | undefined;
  readonly #withAttributes: boolean;
  readonly #rules: WalkRules;
  /** Directories that would be left out, but for paths below them that were given: nothing else of them is walked. */
  readonly #onlyWays: Set<ByteString> = new Set();
  #sinceBreath = 0;

  constructor(selection: Selection, options: FsSourceOptions, signal: AbortSignal | undefined) {
    this.#selection = selection;
    this.#options = options;
    this.#excluded = exclusions(options.excludePaths ?? []);
    this.#signal = signal;
    this.#withAttributes = options.extendedAttributes ?? true;
    this.#rules = new WalkRules(options.leaveOut ?? {}, selection.root);
  }

  async *directories(root: SourceItem): AsyncGenerator<SourceDirectory> {
    const pending: Pending[] = [{ item: root, device: this.#deviceBelow(root, undefined), rules: undefined }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      throwIfAborted(this.#signal);
      const { directory, rules } = await this.#list(next);
      const { device } = next;
      // the last one pushed is the next one listed
      const below = directory.children.filter(({ info }) => info.kind === "directory").toReversed();
      for (const item of below) pending.push({ item, device: this.#deviceBelow(item, device), rules });
      yield directory;
    }
  }

  /** The file system to stay on below `item`: a given path sets it, directories above the given paths have none. */
  #deviceBelow(item: SourceItem, inherited: bigint | undefined): bigint | undefined {
    if (this.#selection.partial.has(item.path)) return undefined;
    return this.#selection.given.has(item.path) ? item.info.device : (inherited ?? item.info.device);
  }

  /** Names in a directory that lead to something that was given. */
  #ways(directory: ByteString): readonly ByteString[] {
    return this.#selection.nested.get(directory) ?? [];
  }

  async #list(pending: Pending): Promise<Listed> {
    const { item } = pending;
    const children: SourceItem[] = [];
    const failures: SourceFailure[] = [];
    const selected = this.#selection.partial.get(item.path);
    const names = selected ?? this.#names(pending, failures);
    const rules = this.#rules.enter(item.path, pending.rules, names, (failure) => failures.push(failure));
    for (const name of selected ?? this.#worthwhile(item.path, names)) {
      if (++this.#sinceBreath >= ITEMS_PER_BREATH) await this.#breathe();
      const path = joinPath(item.path, name);
      const read = readItem(path, name, this.#withAttributes);
      // what is given by name is not left out, nor is the way there
      if (read.item && !selected && this.#isLeftOut(path, read.item, rules)) {
        this.#options.onLeftOut?.(path);
        if (!this.#ways(item.path).includes(name)) continue;
        this.#onlyWays.add(path);
      } else if (this.#onlyWays.has(item.path) && !this.#selection.given.has(path)) this.#onlyWays.add(path);
      if (read.item) children.push(read.item);
      if (read.failure) failures.push(read.failure);
    }
    return { directory: { item, children, failures }, rules };
  }

  #isLeftOut(path: ByteString, { info }: SourceItem, rules: DirectoryRules | undefined): boolean {
    return !this.#selection.given.has(path) && this.#rules.isLeftOut(path, info, rules);
  }

  /** The names in a directory, without what a mark in it says is not worth it. */
  #worthwhile(directory: ByteString, names: readonly ByteString[]): readonly ByteString[] {
    const marks = this.#rules.onlyNames(directory, names);
    if (!marks) return names;
    const kept = new Set([...marks, ...this.#ways(directory)]);
    for (const name of names) if (!kept.has(name)) this.#options.onLeftOut?.(joinPath(directory, name));
    return names.filter((name) => kept.has(name));
  }

  async #breathe(): Promise<void> {
    this.#sinceBreath = 0;
    await breathe();
    throwIfAborted(this.#signal);
  }

  /** The names in a directory, sorted, without those that are excluded. */
  #names(directory: Pending, failures: SourceFailure[]): readonly ByteString[] {
    const { path, info } = directory.item;
    if (this.#options.oneFileSystem && info.device !== directory.device) return this.#ways(path);
    if (this.#onlyWays.has(path)) return this.#ways(path);
    try {
      const names = readdirSync(toFsPath(path), { encoding: "latin1" }).toSorted() as ByteString[];
      const excluded = this.#excluded.get(path);
      return excluded ? names.filter((name) => !this.#isExcluded(path, name, excluded)) : names;
    } catch (error) {
      failures.push({ path, message: `cannot list it: ${describeSystemError(error)}` });
      return [];
    }
  }

  #isExcluded(directory: ByteString, name: ByteString, excluded: ReadonlySet<ByteString>): boolean {
    if (!excluded.has(name)) return false;
    this.#options.onWarning?.(`${toDisplay(joinPath(directory, name))} is left out: it is the store itself`);
    return true;
  }
}
