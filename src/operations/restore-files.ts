import type { Destination, RestoreItem } from "../destination/index.ts";
import { type ChunkRef, ResourceType, type VfsEntry } from "../format/index.ts";
import {
  type ByteString,
  corrupted,
  fromBytes,
  fromLatin1,
  isPlakarError,
  PlakarError,
  toDisplay,
} from "../foundation/index.ts";
import type { Piece, PieceFailure, WorkerPool } from "../pipeline/index.ts";
import { type BlobLocation, missingBlob, type Repository } from "../repository/index.ts";
import type { SnapshotView } from "../snapshot/index.ts";
import type { RestoreCounts } from "./restore-counts.ts";

/** Files that are planned together: their chunks mostly lie side by side in one packfile. */
const BATCH_FILES = 256;
const BATCH_BYTES = 16 << 20;
/** One request to the store: neighbours are read together, with at most this much unused between them. */
const RANGE_BYTES = 8 << 20;
const GAP_BYTES = 64 << 10;
const HEADER_BYTES = 16;

export interface FileRestorerParts {
  readonly repository: Repository;
  readonly view: SnapshotView;
  readonly destination: Destination;
  readonly pool: WorkerPool;
  readonly counts: RestoreCounts;
}

/** A file on its way: finished when its last piece is written. */
interface OpenFile {
  readonly item: RestoreItem;
  readonly fsPath: ByteString;
  waiting: number;
  planned: boolean;
  failure: unknown;
}

interface PlannedPiece {
  readonly file: OpenFile;
  readonly chunk: ChunkRef;
  readonly fileOffset: number;
  /** Places not yet tried; the first is the one in use. */
  readonly locations: readonly BlobLocation[];
}

/** Restores regular files: plans their chunks by packfile, fetches ranges, has workers open, verify and write them. */
export class FileRestorer {
  readonly #parts: FileRestorerParts;
  #batch: { path: ByteString; item: RestoreItem; entry: VfsEntry }[] = [];
  #batchBytes = 0;
  readonly #failed: Map<ByteString, unknown> = new Map();
  readonly #writing: Set<Promise<void>> = new Set();
  #fatal: unknown;

  constructor(parts: FileRestorerParts) {
    this.#parts = parts;
  }

  async add(path: ByteString, item: RestoreItem, entry: VfsEntry): Promise<void> {
    this.#batch.push({ path, item, entry });
    this.#batchBytes += entry.fileInfo.size;
    if (this.#batch.length >= BATCH_FILES || this.#batchBytes >= BATCH_BYTES) await this.#restoreBatch();
  }

  /** Every file is written and finished, or its failure recorded, when this resolves. */
  async finish(): Promise<void> {
    await this.#restoreBatch();
    while (this.#writing.size > 0) await Promise.all(this.#writing);
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /** Why a file was not restored; undefined when it was. */
  failureOf(path: ByteString): unknown {
    return this.#failed.get(path);
  }

  async #restoreBatch(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    const pieces: PlannedPiece[] = [];
    const files: OpenFile[] = [];
    for (const { path, item, entry } of batch) {
      const file = await this.#plan(path, item, entry, pieces);
      if (file) files.push(file);
    }
    for (const range of coalesce(pieces)) await this.#send(range);
    for (const file of files) {
      file.planned = true;
      await this.#settle(file);
    }
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /** Opens the file's object and adds its chunks to the plan; undefined when that already fails. */
  async #plan(
    path: ByteString,
    item: RestoreItem,
    entry: VfsEntry,
    pieces: PlannedPiece[],
  ): Promise<OpenFile | undefined> {
    const { view, repository, destination } = this.#parts;
    const what = toDisplay(path);
    try {
      const object = await view.object(entry.object, what);
      const planned: Omit<PlannedPiece, "file">[] = [];
      let at = 0;
      for (const chunk of object.chunks) {
        const locations = repository.reader.locate(ResourceType.chunk, chunk.mac);
        if (locations.length === 0) throw missingBlob(ResourceType.chunk, chunk.mac, `a part of ${what}`);
        if (chunk.length > 0) planned.push({ chunk, fileOffset: at, locations });
        at += chunk.length;
      }
      if (at !== entry.fileInfo.size) {
        throw corrupted(
          "size-mismatch",
          `${what} has ${at} bytes of content where its entry says ${entry.fileInfo.size}`,
        );
      }
      const target = await destination.beginFile(item);
      const fsPath = typeof target.fsPath === "string" ? fromLatin1(target.fsPath) : fromBytes(target.fsPath);
      const file: OpenFile = { item, fsPath, waiting: planned.length, planned: false, failure: undefined };
      for (const piece of planned) pieces.push({ ...piece, file });
      return file;
    } catch (error) {
      this.#fail(item, error);
      return undefined;
    }
  }

  /** Fetches one range and hands it to a worker; what fails is tried at the next place that has it. */
  async #send(range: readonly PlannedPiece[]): Promise<void> {
    const { pool, repository } = this.#parts;
    await pool.room();
    const start = Math.min(...range.map(({ locations }) => (locations[0] as BlobLocation).offset));
    const end = Math.max(
      ...range.map(({ locations: [place] }) => (place as BlobLocation).offset + (place as BlobLocation).length),
    );
    const [
      {
        locations: [first],
      } = { locations: [] },
    ] = range;
    if (!first) return;
    const { pack } = first;
    const id = repository.state.packIds[pack] as string;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await repository.store.get("packfiles", id, { offset: HEADER_BYTES + start, length: end - start });
    } catch (error) {
      await this.#rangeFailed(range, id, error);
      return;
    }
    const files = [...new Set(range.map(({ file }) => file))];
    const numbers = new Map(files.map((file, number) => [file, number]));
    const pieces: Piece[] = range.map(({ file, chunk, fileOffset, locations }) => ({
      at: (locations[0] as BlobLocation).offset - start,
      length: (locations[0] as BlobLocation).length,
      mac: chunk.mac,
      contentBytes: chunk.length,
      file: numbers.get(file) as number,
      fileOffset,
    }));
    const request = { kind: "write-pieces", bytes, files: files.map(({ fsPath }) => fsPath), pieces } as const;
    const written: Promise<void> = pool
      .call(request, { transfer: bytes.byteLength === bytes.buffer.byteLength ? [bytes.buffer] : [] })
      .then((answer) => (answer.kind === "wrote-pieces" ? this.#wrote(range, answer.failures) : undefined))
      .catch((error: unknown) => {
        this.#fatal ??= error;
      })
      .finally(() => this.#writing.delete(written));
    this.#writing.add(written);
  }

  /** A range that cannot be read is read piece by piece: what is left of a truncated packfile may still be whole. */
  async #rangeFailed(range: readonly PlannedPiece[], packfile: string, error: unknown): Promise<void> {
    if (!isPlakarError(error, "missing") && !isPlakarError(error, "corrupted")) throw error;
    const short = packfile.slice(0, 8);
    const known = isPlakarError(error, "missing")
      ? corrupted("packfile-missing", `packfile ${short} is not in the store`, { packfile }, error)
      : corrupted("packfile-short", `packfile ${short} is shorter than it was`, { packfile }, error);
    if (range.length > 1) {
      for (const piece of range) await this.#send([piece]);
      return;
    }
    for (const piece of range) await this.#pieceFailed(piece, known);
  }

  async #wrote(range: readonly PlannedPiece[], failures: readonly PieceFailure[]): Promise<void> {
    const failed = new Map(failures.map((failure) => [failure.piece, failure]));
    for (const [index, piece] of range.entries()) {
      const failure = failed.get(index);
      if (failure) await this.#pieceFailed(piece, errorOf(failure));
      else {
        piece.file.waiting--;
        await this.#settle(piece.file);
      }
    }
  }

  async #pieceFailed(piece: PlannedPiece, error: unknown): Promise<void> {
    const [, ...others] = piece.locations;
    if (others.length > 0 && isPlakarError(error, "corrupted")) {
      await this.#send([{ ...piece, locations: others }]);
      return;
    }
    piece.file.failure ??= error;
    piece.file.waiting--;
    await this.#settle(piece.file);
  }

  /** Owner, mode and times once the last piece is in; a file that is not whole does not stay. */
  async #settle(file: OpenFile): Promise<void> {
    if (!file.planned || file.waiting > 0) return;
    file.planned = false;
    const { destination, counts } = this.#parts;
    try {
      if (file.failure !== undefined) throw file.failure;
      counts.leftOut(await destination.finishFile(file.item));
      counts.file(file.item.path, file.item.info.sizeBytes);
    } catch (error) {
      if (isPlakarError(error, "full")) this.#fatal ??= error;
      if (file.failure !== undefined) await destination.discardFile(file.item);
      this.#fail(file.item, error);
    }
  }

  #fail(item: RestoreItem, error: unknown): void {
    if (!isPlakarError(error)) throw error;
    this.#failed.set(item.path, error);
    this.#parts.counts.failure(item.path, error);
  }
}

function errorOf(failure: PieceFailure): PlakarError {
  if (failure.damaged) return corrupted(failure.code, failure.message);
  const full = failure.code === "ENOSPC" || failure.code === "EDQUOT";
  return new PlakarError(full ? "target-full" : "target-failed", failure.message, {
    kind: full ? "full" : "unavailable",
    retry: "later",
    ...(full && { advice: "Free space at the target, then restore again." }),
  });
}

/** Pieces by place, neighbours together. */
function coalesce(pieces: readonly PlannedPiece[]): PlannedPiece[][] {
  const placeOf = ({ locations }: PlannedPiece): BlobLocation => locations[0] as BlobLocation;
  const sorted = pieces.toSorted((a, b) => placeOf(a).pack - placeOf(b).pack || placeOf(a).offset - placeOf(b).offset);
  const ranges: PlannedPiece[][] = [];
  let start = 0;
  let end = 0;
  let pack = -1;
  for (const piece of sorted) {
    const { pack: piecePack, offset, length } = placeOf(piece);
    const last = ranges.at(-1);
    if (last && piecePack === pack && offset <= end + GAP_BYTES && offset + length - start <= RANGE_BYTES)
      last.push(piece);
    else {
      ranges.push([piece]);
      start = offset;
      pack = piecePack;
      end = 0;
    }
    end = Math.max(end, offset + length);
  }
  return ranges;
}
