import type { FsDestination, LeftOut } from "../destination/index.ts";
import { WRAPPER_HEADER_BYTES } from "../format/index.ts";
import { isPlakarError } from "../foundation/index.ts";
import { canTravel, made, type NewFile, packNewFiles, type WorkerPool } from "../pipeline/index.ts";
import type { Repository } from "../repository/index.ts";
import { coalesce, extentOf, type OpenFile, type PlannedPiece, placeOf } from "./restore-ranges.ts";
import { UnderWay } from "./under-way.ts";

export interface NewFileSenderParts {
  readonly repository: Repository;
  readonly destination: FsDestination;
  readonly pool: WorkerPool;
  readonly noSparse: boolean;
  /** Told once for every file: it is whole, or its content is, or nothing of it is there. */
  readonly onMade: (file: OpenFile, outcome: number, leftOut: readonly LeftOut[]) => Promise<void>;
}

/**
 * Has workers make small files that are not there yet, each in one go. Whatever is not as simple as that, from a damaged
 * blob to a name that is taken, is told, and then done step by step, which knows how to help and what to say.
 */
export class NewFileSender {
  readonly #parts: NewFileSenderParts;
  readonly #making = new UnderWay();

  constructor(parts: NewFileSenderParts) {
    this.#parts = parts;
  }

  /** Whether a file with nothing at its place can be made so. */
  static isSimple({ item, pieces }: OpenFile): boolean {
    return pieces.length < 2 && canTravel(item.info);
  }

  /** Resolves when all are on their way: to one worker, for two in one directory would wait for each other. */
  async send(files: readonly OpenFile[]): Promise<void> {
    const empty = files.filter(({ pieces }) => pieces.length === 0);
    if (files.length === 0) return;
    await this.#parts.pool.room();
    const worker = this.#parts.pool.pick();
    if (empty.length > 0) this.#make(worker, empty, 0, new Uint8Array());
    for (const range of coalesce(files.flatMap(({ pieces }) => pieces))) await this.#sendRange(worker, range);
    this.#making.throwFailure();
  }

  /** Resolves when all are made. */
  finish(): Promise<void> {
    return this.#making.finish();
  }

  async #sendRange(worker: number, range: readonly PlannedPiece[]): Promise<void> {
    const { repository, onMade } = this.#parts;
    const id = repository.state.packIds[placeOf(range[0] as PlannedPiece).pack] as string;
    const { start, length } = extentOf(range);
    const files = range.map(({ file }) => file);
    try {
      const bytes = await repository.store.get("packfiles", id, { offset: WRAPPER_HEADER_BYTES + start, length });
      this.#make(worker, files, start, bytes);
    } catch (error) {
      if (!isPlakarError(error, "missing") && !isPlakarError(error, "corrupted")) throw error;
      for (const file of files) await onMade(file, made.refused, []);
    }
  }

  #make(worker: number, files: readonly OpenFile[], start: number, bytes: Uint8Array<ArrayBuffer>): void {
    const { pool, destination, noSparse } = this.#parts;
    const packed = packNewFiles(files.map((file) => this.#newFile(file, start)));
    const request = { kind: "make-files", bytes, ...packed, fillHoles: noSparse, policy: destination.policy } as const;
    const transfer = [packed.numbers.buffer, packed.modifiedNs.buffer, packed.macs.buffer];
    if (bytes.byteLength === bytes.buffer.byteLength) transfer.push(bytes.buffer);
    const done = pool.call(request, { worker, transfer }).then(async (answer) => {
      if (answer.kind !== "made-files") throw new Error(`a worker answered ${answer.kind}`);
      const leftOut = new Map(answer.leftOut);
      for (const [at, file] of files.entries())
        await this.#parts.onMade(file, answer.outcomes[at] as number, leftOut.get(at) ?? []);
    });
    this.#making.add(done);
  }

  #newFile({ item, pieces, fsPath }: OpenFile, start: number): NewFile {
    const [piece] = pieces;
    return {
      path: fsPath,
      info: item.info,
      attributes: item.extendedAttributes ?? [],
      piece: piece && {
        at: placeOf(piece).offset - start,
        length: placeOf(piece).length,
        mac: piece.chunk.mac,
        contentBytes: piece.chunk.length,
      },
    };
  }
}
