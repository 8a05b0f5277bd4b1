import {
  type FsDestination,
  type LeftOut,
  type Overwrite,
  type Placement,
  type RestoreItem,
  refusesWriting,
} from "../destination/index.ts";
import type { VfsEntry } from "../format/index.ts";
import { type ByteString, isPlakarError, PlakarError, toDisplay } from "../foundation/index.ts";
import { made, type WorkerPool } from "../pipeline/index.ts";
import type { Repository } from "../repository/index.ts";
import type { SnapshotView } from "../snapshot/index.ts";
import type { RestoreCounts } from "./restore-counts.ts";
import { findSamePieces, missingPieces, pathOf } from "./restore-existing.ts";
import { PieceFetcher } from "./restore-fetch.ts";
import { NewFileSender } from "./restore-new-files.ts";
import { type OpenFile, type PlannedPiece, piecesOf } from "./restore-ranges.ts";

/** Files that are planned together: their chunks mostly lie side by side in one packfile. */
const BATCH_FILES = 256;
const BATCH_BYTES = 16 << 20;

export interface FileRestorerParts {
  readonly repository: Repository;
  readonly view: SnapshotView;
  readonly destination: FsDestination;
  readonly pool: WorkerPool;
  readonly counts: RestoreCounts;
  readonly overwrite: Overwrite;
  readonly dryRun: boolean;
  readonly noSparse: boolean;
  readonly verify: boolean;
}

interface FileToRestore {
  /** In the snapshot. */
  readonly path: ByteString;
  readonly item: RestoreItem;
  readonly entry: VfsEntry;
}

/** A file whose object is known, and what its restoring does to its place. */
interface PlannedFile {
  readonly file: OpenFile;
  readonly placement: Placement;
  /** Of what is there before, -1 when nothing is. */
  readonly sizeBefore: number;
}

/** Restores regular files: looks what is there already, has what is not fetched and written, and finishes what is whole. */
export class FileRestorer {
  readonly #parts: FileRestorerParts;
  #batch: FileToRestore[] = [];
  #batchBytes = 0;
  readonly #failed: Map<ByteString, unknown> = new Map();
  readonly #kept: Set<ByteString> = new Set();
  readonly #fetcher: PieceFetcher;
  readonly #sender: NewFileSender;
  #fatal: unknown;

  constructor(parts: FileRestorerParts) {
    this.#parts = parts;
    const { repository, destination, pool, noSparse } = parts;
    const onPiece = (piece: PlannedPiece, failure: unknown): Promise<void> => this.#pieceDone(piece, failure);
    this.#fetcher = new PieceFetcher({ repository, pool, noSparse, onPiece });
    const onMade = (file: OpenFile, outcome: number, leftOut: readonly LeftOut[]): Promise<void> =>
      this.#newFileDone(file, outcome, leftOut);
    this.#sender = new NewFileSender({ repository, destination, pool, noSparse, onMade });
  }

  async add(path: ByteString, item: RestoreItem, entry: VfsEntry): Promise<void> {
    this.#batch.push({ path, item, entry });
    this.#batchBytes += entry.fileInfo.size;
    if (this.#batch.length >= BATCH_FILES || this.#batchBytes >= BATCH_BYTES) await this.#restoreBatch();
  }

  /** Every file is written and finished, or its failure recorded, when this resolves. */
  async finish(): Promise<void> {
    await this.#restoreBatch();
    await this.#sender.finish(); // what it could not do goes to the fetcher
    await this.#fetcher.finish();
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /** Why a file was not restored; undefined when it was. */
  failureOf(path: ByteString): unknown {
    return this.#failed.get(path);
  }

  /** Whether something else, that was there before, was left in the file's place. */
  wasKept(path: ByteString): boolean {
    return this.#kept.has(path);
  }

  async #restoreBatch(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    const planned: PlannedFile[] = [];
    for (const file of batch) {
      const plan = await this.#plan(file);
      if (plan) planned.push(plan);
    }
    const existing = planned.filter(({ placement }) => placement === "update" || placement === "compare");
    const same = await findSamePieces(
      this.#parts.pool,
      existing.flatMap(({ file }) => file.pieces),
    );
    const simple = planned.filter((plan) => this.#isSimple(plan));
    await this.#sender.send(simple.map(({ file }) => file));
    await this.#restoreByPieces(
      planned.filter((plan) => !plan.file.simple),
      same,
    );
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  async #restoreByPieces(planned: readonly PlannedFile[], same: ReadonlySet<PlannedPiece>): Promise<void> {
    const pieces: PlannedPiece[] = [];
    for (const plan of planned) pieces.push(...(await this.#begin(plan, same)));
    await this.#fetcher.fetch(pieces);
    for (const { file } of planned) {
      file.planned = true;
      await this.#settle(file);
    }
  }

  /** Whether a worker makes the file in one go; then it is known where. */
  #isSimple({ file, placement }: PlannedFile): boolean {
    const { dryRun, verify, destination } = this.#parts;
    if (placement !== "create" || dryRun || verify || !NewFileSender.isSimple(file)) return false;
    const place = destination.placeOfNewFile(file.item);
    if (place === undefined) return false;
    file.fsPath = place;
    file.simple = true;
    return true;
  }

  async #newFileDone(file: OpenFile, outcome: number, leftOut: readonly LeftOut[]): Promise<void> {
    const { counts } = this.#parts;
    const { item, pieces } = file;
    if (outcome === made.refused) {
      await this.#restoreByPieces([{ file, placement: "create", sizeBefore: -1 }], new Set());
      return;
    }
    file.writtenBytes = pieces[0]?.chunk.length ?? 0;
    if (outcome === made.whole) {
      counts.leftOut(item.path, leftOut);
      counts.file(item.path, "new", item.info.sizeBytes, file.writtenBytes);
      return;
    }
    file.begun = true;
    file.planned = true;
    await this.#settle(file);
  }

  /** Opens the file's object and looks what is at its place; undefined when that already fails, or the file is left alone. */
  async #plan({ path, item, entry }: FileToRestore): Promise<PlannedFile | undefined> {
    const { repository, destination, overwrite, counts, view } = this.#parts;
    try {
      const placement = await destination.placement(item, overwrite);
      if (placement === "keep") {
        this.#kept.add(item.path);
        counts.kept(item.path);
        return undefined;
      }
      const object = await view.objectOf(entry.object, () => toDisplay(path));
      const pieces: PlannedPiece[] = [];
      const file: OpenFile = {
        item,
        fsPath: "" as ByteString,
        pieces,
        inPlace: false,
        begun: false,
        writtenBytes: 0,
        waiting: 0,
        planned: false,
        simple: false,
        failure: undefined,
      };
      pieces.push(...piecesOf(repository, file, object.chunks, { from: path, sizeBytes: entry.fileInfo.size }));
      if (placement === "create" || placement === "replace") return { file, placement, sizeBefore: -1 };
      const there = await destination.existingFile(item);
      file.fsPath = pathOf(there);
      return { file, placement, sizeBefore: there.sizeBytes };
    } catch (error) {
      this.#fail(item, error);
      return undefined;
    }
  }

  /** Makes a file ready to be written to, and answers what is to be written. */
  async #begin({ file, placement, sizeBefore }: PlannedFile, same: ReadonlySet<PlannedPiece>): Promise<PlannedPiece[]> {
    const { destination, dryRun } = this.#parts;
    const { item } = file;
    try {
      let missing = missingPieces(file, same);
      file.inPlace = placement === "update" || placement === "compare";
      const isWhole = file.inPlace && missing.length === 0 && sizeBefore === item.info.sizeBytes;
      if (isWhole && (placement === "update" || (await destination.hasMetadata(item)))) return [];
      if (placement === "compare") missing = [...file.pieces];
      file.begun = true;
      if (!dryRun) missing = await this.#makeReady(file, placement, missing);
      file.writtenBytes = missing.reduce((sum, { chunk }) => sum + chunk.length, 0);
      if (dryRun) return [];
      file.waiting = missing.length;
      return missing;
    } catch (error) {
      if (isPlakarError(error, "full")) throw error;
      file.failure = error;
      file.begun = false;
      return [];
    }
  }

  async #makeReady(file: OpenFile, placement: Placement, missing: PlannedPiece[]): Promise<PlannedPiece[]> {
    const { destination } = this.#parts;
    if (placement === "update") {
      try {
        await destination.beginUpdate(file.item);
        return missing;
      } catch (error) {
        if (!refusesWriting(error)) throw error;
      }
    }
    // what cannot be written to (a program that runs, a file with names elsewhere) makes room for a new file
    file.inPlace = false;
    file.fsPath = pathOf(await destination.beginFile(file.item, placement === "create" ? "create" : "replace"));
    return [...file.pieces];
  }

  async #pieceDone({ file }: PlannedPiece, failure: unknown): Promise<void> {
    if (failure !== undefined) file.failure ??= failure;
    file.waiting--;
    await this.#settle(file);
  }

  /** Owner, mode and times once the last piece is in; a file that is not whole does not stay. */
  async #settle(file: OpenFile): Promise<void> {
    if (!file.planned || file.waiting > 0) return;
    file.planned = false;
    const { counts } = this.#parts;
    const { path, info } = file.item;
    try {
      if (file.failure === undefined && this.#parts.verify && file.begun) await this.#verify(file);
      if (file.failure !== undefined) throw file.failure;
      await this.#finishFile(file);
      const outcome = file.inPlace ? (file.begun ? "updated" : "unchanged") : "new";
      counts.file(path, outcome, info.sizeBytes, file.writtenBytes);
    } catch (error) {
      if (isPlakarError(error, "full")) this.#fatal ??= error;
      this.#fail(file.item, file.failure !== undefined && file.begun ? await this.#withdraw(file, error) : error);
    }
  }

  async #finishFile(file: OpenFile): Promise<void> {
    const { destination, counts, dryRun } = this.#parts;
    const { item } = file;
    // what is as it should be keeps even the time of its last change
    const isDone = dryRun || (!file.begun && (await destination.hasMetadata(item)));
    counts.leftOut(item.path, isDone ? destination.leavesOut(item) : await destination.finishFile(item));
  }

  async #verify(file: OpenFile): Promise<void> {
    if (this.#parts.dryRun) return;
    const same = await findSamePieces(this.#parts.pool, file.pieces);
    if (same.size === file.pieces.length) return;
    file.failure = new PlakarError("restore-verify", "what was read back is not what was written", {
      kind: "unavailable",
      advice: "Do not trust the target's disk or memory.",
    });
  }

  /** Takes back a file that is not whole: a new one goes, one that was there before loses its name. */
  async #withdraw(file: OpenFile, error: unknown): Promise<unknown> {
    const { destination } = this.#parts;
    if (!file.inPlace) {
      await destination.discardFile(file.item);
      return error;
    }
    const name = await destination.setAside(file.item);
    if (!isPlakarError(error)) return error;
    const { code, kind, advice, details, message } = error;
    const known = `${message}; what was there is partly overwritten, and is now named ${toDisplay(name)}`;
    return new PlakarError(code, known, { kind, details, cause: error, ...(advice !== undefined && { advice }) });
  }

  #fail(item: RestoreItem, error: unknown): void {
    if (!isPlakarError(error)) throw error;
    this.#failed.set(item.path, error);
    this.#parts.counts.failure(item.path, error);
  }
}
