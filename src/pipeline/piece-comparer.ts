import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type ByteString, equalBytes, systemCode, toFsPath } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { WorkerRequest } from "./protocol.ts";

type CompareRequest = Extract<WorkerRequest, { kind: "compare-pieces" }>;

/** Tells which pieces of files on disk are already what the store holds, by their MACs. */
export class PieceComparer {
  readonly #sealer: Sealer;
  #room = Buffer.alloc(0);

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  /** One byte a piece: 1 where the file has exactly this content there. What cannot be read is not the same. */
  compare(request: CompareRequest): Uint8Array<ArrayBuffer> {
    const same = new Uint8Array(request.pieces.length);
    let open: { file: number; descriptor: number | undefined } | undefined;
    for (const [index, { file, fileOffset, contentBytes, mac }] of request.pieces.entries()) {
      if (open?.file !== file) {
        if (open?.descriptor !== undefined) closeSync(open.descriptor);
        open = { file, descriptor: openToRead(request.files[file] as ByteString) };
      }
      if (open.descriptor === undefined) continue;
      const content = this.#read(open.descriptor, fileOffset, contentBytes);
      if (content && equalBytes(this.#sealer.mac(content), mac)) same[index] = 1;
    }
    if (open?.descriptor !== undefined) closeSync(open.descriptor);
    return same;
  }

  #read(descriptor: number, offset: number, length: number): Uint8Array | undefined {
    if (this.#room.length < length) this.#room = Buffer.alloc(length);
    let done = 0;
    try {
      while (done < length) {
        const got = readSync(descriptor, this.#room, done, length - done, offset + done);
        if (got === 0) return undefined;
        done += got;
      }
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
    return this.#room.subarray(0, length);
  }
}

function openToRead(path: ByteString): number | undefined {
  const noFollow = constants.O_NOFOLLOW ?? 0;
  try {
    const descriptor = openSync(toFsPath(path), constants.O_RDONLY | noFollow | (constants.O_NONBLOCK ?? 0));
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
  return undefined;
}
