import { closeSync, constants, ftruncateSync, openSync, writeSync } from "node:fs";
import { type ByteString, toFsPath } from "../foundation/index.ts";
import { punchHole } from "../system/index.ts";

/**
 * What becomes of long runs of zeros. `keep`: the file is new and all hole, so they are not written at all. `punch`: there
 * is something before, which is given back to the file system. `fill`: zeros are written as anything else.
 */
export type Holes = "keep" | "punch" | "fill";

const PRIVATE_FILE = 0o600;
/** What file systems can leave out, aligned to itself. */
const BLOCK_BYTES = 4096;
const zeros = Buffer.alloc(BLOCK_BYTES);

/** A file that pieces are written to, opened without following links. */
export class WrittenFile {
  readonly path: ByteString;
  readonly descriptor: number;
  readonly #holes: Holes;
  /** Behind the last byte that was written, holes left out. */
  #end = 0;

  private constructor(path: ByteString, holes: Holes, descriptor: number) {
    this.path = path;
    this.#holes = holes;
    this.descriptor = descriptor;
  }

  /** One that is there. */
  static open(path: ByteString, holes: Holes): WrittenFile {
    const noFollow = constants.O_NOFOLLOW ?? 0;
    return new WrittenFile(path, holes, openSync(toFsPath(path), constants.O_WRONLY | noFollow));
  }

  /** One that is not, for its owner alone; EEXIST when the name is taken. */
  static create(path: ByteString, holes: Holes): WrittenFile {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
    return new WrittenFile(path, holes, openSync(toFsPath(path), flags, PRIVATE_FILE));
  }

  /** All that the file consists of. */
  writeWhole(content: Uint8Array): void {
    this.write(content, 0);
    if (this.#end < content.length) ftruncateSync(this.descriptor, content.length);
  }

  write(content: Uint8Array, offset: number): void {
    if (this.#holes === "fill") {
      this.#writeAll(content, offset);
      return;
    }
    let done = 0; // of the content
    for (const { start, end } of zeroRuns(content, offset)) {
      if (start > done) this.#writeAll(content.subarray(done, start), offset + done);
      if (this.#holes === "punch" && !punchHole(this.descriptor, offset + start, end - start))
        this.#writeAll(content.subarray(start, end), offset + start);
      done = end;
    }
    if (done < content.length) this.#writeAll(content.subarray(done), offset + done);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  #writeAll(content: Uint8Array, offset: number): void {
    let done = 0;
    while (done < content.length) {
      done += writeSync(this.descriptor, content, done, content.length - done, offset + done);
    }
    this.#end = Math.max(this.#end, offset + content.length);
  }
}

/** Runs of zeros of whole blocks of the file, as ranges of the content; `offset` is where the content begins in the file. */
export function* zeroRuns(
  content: Uint8Array,
  offset: number,
): Generator<{ readonly start: number; readonly end: number }> {
  const first = (BLOCK_BYTES - (offset % BLOCK_BYTES)) % BLOCK_BYTES;
  let start = -1;
  let at = first;
  for (; at + BLOCK_BYTES <= content.length; at += BLOCK_BYTES) {
    if (isZero(content, at)) {
      if (start < 0) start = at;
    } else if (start >= 0) {
      yield { start, end: at };
      start = -1;
    }
  }
  if (start >= 0) yield { start, end: at };
}

/** Three bytes tell almost every block that holds something. */
function isZero(content: Uint8Array, at: number): boolean {
  if (content[at] !== 0 || content[at + BLOCK_BYTES / 2] !== 0 || content[at + BLOCK_BYTES - 1] !== 0) return false;
  return zeros.compare(content, at, at + BLOCK_BYTES) === 0;
}
