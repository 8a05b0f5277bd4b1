import { closeSync, constants, openSync, writeSync } from "node:fs";
import {
  type ByteString,
  corrupted,
  equalBytes,
  isPlakarError,
  messageOf,
  systemCode,
  toFsPath,
} from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { Piece, PieceFailure, WorkerRequest } from "./protocol.ts";

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
    const open = new OpenFile();
    try {
      for (const [index, piece] of request.pieces.entries()) {
        try {
          const content = this.#contentOf(request.bytes, piece);
          open.write(request.files[piece.file] as ByteString, content, piece.fileOffset);
        } catch (error) {
          failures.push({
            piece: index,
            message: messageOf(error),
            code: isPlakarError(error) ? error.code : (systemCode(error) ?? "EIO"),
            damaged: isPlakarError(error, "corrupted"),
          });
        }
      }
    } finally {
      open.close();
    }
    return failures;
  }

  #contentOf(bytes: Uint8Array, piece: Piece): Uint8Array {
    return openChunk(this.#sealer, bytes.subarray(piece.at, piece.at + piece.length), piece);
  }
}

/** Opens one chunk and compares length and MAC (I-03). */
function openChunk(
  sealer: Sealer,
  sealed: Uint8Array,
  expected: { readonly mac: Uint8Array; readonly contentBytes: number },
): Uint8Array {
  const content = sealer.open(sealed, { maxBytes: expected.contentBytes, what: "chunk" });
  if (content.length !== expected.contentBytes || !equalBytes(sealer.mac(content), expected.mac)) {
    throw corrupted("mac-mismatch", "a chunk is not what was stored");
  }
  return content;
}

/** Neighbouring pieces mostly belong to one file: it stays open until another comes. */
class OpenFile {
  #path: ByteString | undefined;
  #fd = -1;

  write(path: ByteString, content: Uint8Array, offset: number): void {
    if (this.#path !== path) {
      this.close();
      this.#fd = openSync(toFsPath(path), constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
      this.#path = path;
    }
    let done = 0;
    while (done < content.length) done += writeSync(this.#fd, content, done, content.length - done, offset + done);
  }

  close(): void {
    if (this.#path !== undefined) closeSync(this.#fd);
    this.#path = undefined;
  }
}
