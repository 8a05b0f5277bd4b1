import {
  encodeTarHeader,
  fitsInTar,
  type RestoreItem,
  requireSafeName,
  tarEnd,
  tarPadding,
} from "../destination/index.ts";
import type { KlosetObject, VfsEntry } from "../format/index.ts";
import {
  type ByteString,
  concatBytes,
  corrupted,
  isPlakarError,
  PlakarError,
  throwIfAborted,
  toDisplay,
} from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { itemOf, resolveTarget, type SnapshotView } from "../snapshot/index.ts";
import type { RestoreOptions, RestoreReport } from "./restore-contract.ts";
import { RestoreCounts } from "./restore-counts.ts";
import { linkKey, restoreItemOf } from "./restore-item.ts";
import { walkBelow } from "./walk.ts";

export interface StreamOptions extends Pick<RestoreOptions, "filter" | "wants" | "progress" | "signal"> {
  readonly target: string;
  /** Takes the next bytes; false: nobody wants more. */
  readonly write: (bytes: Uint8Array) => boolean;
}

/** Files up to this size are read before anything of them is written: one that is damaged leaves no trace in the archive. */
const HELD_BYTES = 8 << 20;

/**
 * A restore into a stream: a file as its bytes, a directory as a tar archive of what is below it. Every part is verified
 * before it is written. A large file that turns out to be damaged in its middle ends the stream there, without the archive's
 * end, so that whoever reads it notices, too. Fails with `not-a-file` (kind input) for links and special files.
 */
export async function restoreToStream(repository: Repository, options: StreamOptions): Promise<RestoreReport> {
  const startedMs = repository.parts.clock.monotonicMs();
  await repository.load();
  const { view, path } = await resolveTarget(repository, options.target, options.filter);
  const from = path ?? view.root;
  const entry = await view.entry(from);
  const { kind } = itemOf(from, entry).info;
  const counts = new RestoreCounts(options.progress);
  const stream = new TarStream({ repository, view, counts, options });
  if (kind === "directory") await stream.directory(from, entry);
  else if (kind === "file") await stream.bytesOf(from, entry);
  else {
    throw new PlakarError("not-a-file", `${toDisplay(from)} is a ${kind}, which has no content`, {
      kind: "input",
      advice: "Restore it to a directory: plakar restore -to DIRECTORY …",
    });
  }
  const partial = await view.isPartial();
  const durationMs = repository.parts.clock.monotonicMs() - startedMs;
  return counts.report({ snapshots: [view.id], to: "-", partial, durationMs });
}

interface StreamWork {
  readonly repository: Repository;
  readonly view: SnapshotView;
  readonly counts: RestoreCounts;
  readonly options: StreamOptions;
}

/** A directory that is in the archive when something below it is. */
interface OpenDirectory {
  readonly path: ByteString;
  readonly item: RestoreItem;
  written: boolean;
}

class TarStream {
  readonly #work: StreamWork;
  readonly #firstNames: Map<string, ByteString> = new Map();
  #above: OpenDirectory[] = [];
  #isWanted = true;

  constructor(work: StreamWork) {
    this.#work = work;
  }

  /** A file alone, as its bytes. */
  async bytesOf(path: ByteString, entry: VfsEntry): Promise<void> {
    const { view, counts, options } = this.#work;
    const what = toDisplay(path);
    const object = await view.object(entry.object, what);
    for await (const part of view.content(object, what)) {
      throwIfAborted(options.signal);
      if (!this.#write(part)) return;
    }
    const sizeBytes = lengthOf(object);
    counts.file(entry.fileInfo.name, "new", sizeBytes, sizeBytes);
  }

  async directory(from: ByteString, entry: VfsEntry): Promise<void> {
    const { repository, view, options } = this.#work;
    this.#above = [{ path: from, item: await this.#itemOf(from, "" as ByteString, entry), written: false }];
    this.#writeAbove();
    const wants = options.wants ?? ((): "yes" => "yes");
    const prefixBytes = from === "/" ? 1 : from.length + 1;
    for await (const below of walkBelow(repository, view, from, options)) {
      if (!this.#isWanted) return;
      const place = below.path.slice(prefixBytes) as ByteString;
      const wanted = wants(place, below.isDirectory);
      if (wanted === "no" || (wanted === "below" && !below.isDirectory)) continue;
      this.#leave(below.path);
      try {
        requireSafeName(below.entry.fileInfo.name, place);
        await this.#entry(below.path, place, below.entry, wanted === "below");
      } catch (error) {
        if (!isPlakarError(error) || error.kind === "interrupted" || error.code === "stream-cut") throw error;
        this.#work.counts.failure(place, error);
      }
    }
    this.#write(tarEnd());
  }

  async #entry(path: ByteString, place: ByteString, entry: VfsEntry, isOnlyWay: boolean): Promise<void> {
    const { counts } = this.#work;
    const item = await this.#itemOf(path, place, entry);
    const { kind } = item.info;
    if (kind === "directory") {
      this.#above.push({ path, item, written: false });
      if (!isOnlyWay) this.#writeAbove();
      return;
    }
    if (!fitsInTar(kind)) {
      throw new PlakarError("restore-unsupported", `cannot restore ${toDisplay(place)}: an archive holds no ${kind}`, {
        kind: "input",
      });
    }
    const linkTo = this.#earlierName(item, entry);
    if (linkTo === undefined && kind === "file") return await this.#file(path, item, entry);
    this.#writeAbove();
    this.#write(encodeTarHeader(item, { sizeBytes: 0, ...(linkTo !== undefined && { linkTo }) }));
    counts.link();
  }

  async #file(path: ByteString, item: RestoreItem, entry: VfsEntry): Promise<void> {
    const { view, counts } = this.#work;
    const what = toDisplay(path);
    const object = await view.object(entry.object, what);
    const sizeBytes = lengthOf(object);
    const header = encodeTarHeader(item, { sizeBytes });
    const isHeld = sizeBytes <= HELD_BYTES;
    const held = isHeld ? await view.smallContent(object, what) : undefined;
    this.#writeAbove();
    if (held) this.#write(concatBytes([header, held, tarPadding(sizeBytes)]));
    else {
      this.#write(header);
      await this.#largeContent(object, what);
      this.#write(tarPadding(sizeBytes));
    }
    this.#remember(item, entry);
    counts.file(item.path, "new", sizeBytes, sizeBytes);
  }

  async #largeContent(object: KlosetObject, what: string): Promise<void> {
    const { view, options } = this.#work;
    try {
      for await (const part of view.content(object, what)) {
        throwIfAborted(options.signal);
        if (!this.#write(part)) return;
      }
    } catch (error) {
      if (!isPlakarError(error, "corrupted")) throw error;
      throw corrupted(
        "stream-cut",
        `the archive ends in the middle of ${what}: ${error.message}`,
        error.details,
        error,
      );
    }
  }

  /** What is there under another name already; undefined for the first name. */
  #earlierName(item: RestoreItem, entry: VfsEntry): ByteString | undefined {
    const key = linkKey(item, entry);
    const first = key === undefined ? undefined : this.#firstNames.get(key);
    if (first === undefined && item.info.kind !== "file") this.#remember(item, entry);
    return first;
  }

  #remember(item: RestoreItem, entry: VfsEntry): void {
    const key = linkKey(item, entry);
    if (key !== undefined) this.#firstNames.set(key, item.path);
  }

  /** Directories that were left are no longer above what comes. */
  #leave(path: ByteString): void {
    while (this.#above.length > 1) {
      const last = this.#above.at(-1)?.path ?? "";
      if (path.startsWith(`${last}/`)) return;
      this.#above.pop();
    }
  }

  #writeAbove(): void {
    for (const directory of this.#above) {
      if (directory.written) continue;
      directory.written = true;
      this.#write(encodeTarHeader(directory.item, { sizeBytes: 0 }));
      this.#work.counts.directory();
    }
  }

  #itemOf(path: ByteString, to: ByteString, entry: VfsEntry): Promise<RestoreItem> {
    const { view, counts } = this.#work;
    return restoreItemOf(view, { path, to, entry }, (error) => counts.failure(to, error));
  }

  #write(bytes: Uint8Array): boolean {
    this.#isWanted &&= bytes.length === 0 || this.#work.options.write(bytes);
    return this.#isWanted;
  }
}

function lengthOf({ chunks }: KlosetObject): number {
  return chunks.reduce((all, { length }) => all + length, 0);
}
