import { isPlakarError, messageOf, systemCode } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import { openChunk } from "./open-chunk.ts";
import type { Piece, PieceFailure, WorkerRequest } from "./protocol.ts";
import { WrittenFile } from "./written-file.ts";

/** Kernel memory for opening blobs: the largest chunk of any default, sealed, compressed and plain. */
export const readerArenaBytes: number = 48 << 20;

type WriteRequest = Extract<WorkerRequest, { kind: "write-pieces" }>;

/** The way back: a fetched range -> open -> verify -> its place in a file. A piece that fails is answered, the rest goes on. */
export class PieceWriter {
  readonly #sealer: Sealer;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  write(request: WriteRequest): PieceFailure[] {
    const failures: PieceFailure[] = [];
    let open: WrittenFile | undefined;
    let last = 0;
    const attempt = (index: number, step: () => void): void => {
      try {
        step();
      } catch (error) {
        failures.push(failureOf(index, error));
      }
    };
    for (const [index, piece] of request.pieces.entries()) {
      attempt(index, () => {
        const content = this.#contentOf(request.bytes, piece);
        const file = request.files[piece.file] as WriteRequest["files"][number];
        if (open?.path !== file.path) {
          const before = open;
          open = undefined;
          // a full file system may say so only now
          if (before) attempt(last, () => before.close());
          open = WrittenFile.open(file.path, file.holes);
        }
        open.write(content, piece.fileOffset);
        last = index;
      });
    }
    attempt(last, () => open?.close());
    return failures;
  }

  #contentOf(bytes: Uint8Array, piece: Piece): Uint8Array {
    return openChunk(this.#sealer, bytes.subarray(piece.at, piece.at + piece.length), piece);
  }
}

function failureOf(piece: number, error: unknown): PieceFailure {
  return {
    piece,
    message: messageOf(error),
    code: isPlakarError(error) ? error.code : (systemCode(error) ?? "EIO"),
    damaged: isPlakarError(error, "corrupted"),
  };
}
