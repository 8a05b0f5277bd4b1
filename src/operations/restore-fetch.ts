import { WRAPPER_HEADER_BYTES } from "../format/index.ts";
import { corrupted, isPlakarError, PlakarError } from "../foundation/index.ts";
import type { Holes, Piece, PieceFailure, WorkerPool } from "../pipeline/index.ts";
import type { Repository } from "../repository/index.ts";
import { coalesce, extentOf, type OpenFile, type PlannedPiece, placeOf } from "./restore-ranges.ts";
import { UnderWay } from "./under-way.ts";

export interface PieceFetcherParts {
  readonly repository: Repository;
  readonly pool: WorkerPool;
  readonly noSparse: boolean;
  /** Told once for every piece: it is in its file, or every place that should have it failed. */
  readonly onPiece: (piece: PlannedPiece, failure: unknown) => Promise<void>;
}

/** Fetches pieces from the store, neighbours together, and has workers open, verify and write them. */
export class PieceFetcher {
  readonly #parts: PieceFetcherParts;
  readonly #writing = new UnderWay();

  constructor(parts: PieceFetcherParts) {
    this.#parts = parts;
  }

  /** Resolves when all is on its way. */
  async fetch(pieces: readonly PlannedPiece[]): Promise<void> {
    for (const range of coalesce(pieces)) await this.#send(range);
    this.#writing.throwFailure();
  }

  /** Resolves when all is written. */
  finish(): Promise<void> {
    return this.#writing.finish();
  }

  /** Fetches one range and hands it to a worker; what fails is tried at the next place that has it. */
  async #send(range: readonly PlannedPiece[]): Promise<void> {
    const { pool, repository } = this.#parts;
    await pool.room();
    const [first] = range;
    if (!first) return;
    const id = repository.state.packIds[placeOf(first).pack] as string;
    const { start, length } = extentOf(range);
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await repository.store.get("packfiles", id, { offset: WRAPPER_HEADER_BYTES + start, length });
    } catch (error) {
      await this.#rangeFailed(range, id, error);
      return;
    }
    this.#write(range, start, bytes);
  }

  #write(range: readonly PlannedPiece[], start: number, bytes: Uint8Array<ArrayBuffer>): void {
    const files = [...new Set(range.map(({ file }) => file))];
    const numbers = new Map(files.map((file, number) => [file, number]));
    const pieces: Piece[] = range.map((piece) => ({
      at: placeOf(piece).offset - start,
      length: placeOf(piece).length,
      mac: piece.chunk.mac,
      contentBytes: piece.chunk.length,
      file: numbers.get(piece.file) as number,
      fileOffset: piece.fileOffset,
    }));
    const targets = files.map((file) => ({ path: file.fsPath, holes: this.#holesOf(file) }));
    const request = { kind: "write-pieces", bytes, files: targets, pieces } as const;
    const written = this.#parts.pool
      .call(request, { transfer: bytes.byteLength === bytes.buffer.byteLength ? [bytes.buffer] : [] })
      .then((answer) => (answer.kind === "wrote-pieces" ? this.#wrote(range, answer.failures) : undefined));
    this.#writing.add(written);
  }

  #holesOf(file: OpenFile): Holes {
    if (this.#parts.noSparse) return "fill";
    return file.inPlace ? "punch" : "keep";
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
      else await this.#parts.onPiece(piece, undefined);
    }
  }

  async #pieceFailed(piece: PlannedPiece, error: unknown): Promise<void> {
    const [, ...others] = piece.locations;
    if (others.length > 0 && isPlakarError(error, "corrupted")) await this.#send([{ ...piece, locations: others }]);
    else await this.#parts.onPiece(piece, error);
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
