import { hostname } from "node:os";
import { systemClock } from "../foundation/index.ts";
import type { Source, SourceDirectory } from "../source/index.ts";
import type { BackupOptions } from "./backup-contract.ts";
import { BackupCounts } from "./backup-counts.ts";
import { isFileSystem, openSource } from "./backup-source.ts";

/** So many items are held at most: some ten megabytes. */
const MAX_ITEMS = 16_384;

/**
 * A source that is opened and walked while the key of the store is derived: that takes another core a tenth of a second or more, and
 * the walk needs no key. What goes wrong is told when the source is asked for.
 */
export class SourceAhead {
  /** Before anything was looked at: what changes from now on may not be in the snapshot. */
  readonly startedMs: number = systemClock.monotonicMs();
  readonly counts: BackupCounts;
  readonly #opened: Promise<Source>;
  readonly #walked: IteratorResult<SourceDirectory>[] = [];
  #walk: AsyncIterator<SourceDirectory> | undefined;
  readonly #walking: Promise<void>;
  #isOver = false;

  private constructor(opened: Promise<Source>, counts: BackupCounts, signal: AbortSignal | undefined) {
    this.counts = counts;
    this.#opened = opened;
    this.#walking = this.#walkAhead(signal);
    this.#walking.catch(() => undefined); // told when it is asked for
  }

  /** Undefined for streams and archives: a command is not run, and input not consumed, before the store is open. */
  static begin(location: string, options: BackupOptions, warn: (message: string) => void): SourceAhead | undefined {
    if (!isFileSystem(options)) return undefined;
    const counts = new BackupCounts(options.progress);
    const surroundings = { location, hostName: hostname(), clock: systemClock, warn };
    return new SourceAhead(openSource(surroundings, options, counts), counts, options.signal);
  }

  /** The key is there: from here on the source is walked as it is asked. */
  async source(): Promise<Source> {
    this.#isOver = true;
    const source = await this.#opened;
    const { type, origin, root, paths } = source;
    return {
      ...{ type, origin, root, paths },
      ancestors: () => source.ancestors(),
      walk: () => this.#directories(),
      close: () => source.close(),
    };
  }

  /** Nobody will ask for it: the store could not be opened. */
  stop(): void {
    this.#isOver = true;
  }

  async #walkAhead(signal: AbortSignal | undefined): Promise<void> {
    const source = await this.#opened;
    this.#walk = source.walk(signal)[Symbol.asyncIterator]();
    let items = 0;
    while (!this.#isOver && items < MAX_ITEMS) {
      const next = await this.#walk.next();
      this.#walked.push(next);
      if (next.done === true) return;
      items += 1 + next.value.children.length;
    }
  }

  async *#directories(): AsyncGenerator<SourceDirectory> {
    await this.#walking;
    for (let next = this.#walked.shift(); next; next = this.#walked.shift()) {
      if (next.done === true) return;
      yield next.value;
    }
    for (let next = await this.#walk?.next(); next && next.done !== true; next = await this.#walk?.next())
      yield next.value;
  }
}
