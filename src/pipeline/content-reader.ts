import { readSync, type Stats } from "node:fs";
import { systemCode } from "../foundation/index.ts";
import { seekData, seekHole } from "../system/index.ts";
import type { RingReader } from "./byte-ring.ts";

/** Content from its beginning to its end, once. */
export interface ContentReader {
  /** Puts the next bytes into `memory` at `address`, at most `length`; 0 at the end. Throws system errors. */
  read(memory: Uint8Array, address: number, length: number): number;
}

/** File systems of the kernel (proc, sysfs) say 0 and have content all the same; it is small. */
const UNKNOWN_SIZE_BYTES = 64 << 20;
/** They take room for as much as is asked for: /proc/sys refuses 4 MiB and more. */
const ASKED_OF_KERNEL_BYTES = 1 << 20;
const STAT_BLOCK_BYTES = 512;

/**
 * One pass over an open file: as many bytes as it has at the beginning, so that the pass over a file that grows faster than
 * it is read ends as well. Holes are not read, but given as the zeros that they are.
 */
export class FileReader implements ContentReader {
  readonly #descriptor: number;
  readonly #isSizeKnown: boolean;
  readonly #endBytes: number;
  #at = 0;
  /** Up to here is data; at or after it a hole may begin. */
  #dataUntil: number;
  /** A hole reaches up to here. */
  #holeUntil = 0;

  constructor(descriptor: number, { size, blocks }: Pick<Stats, "size" | "blocks">) {
    this.#descriptor = descriptor;
    this.#isSizeKnown = size > 0;
    this.#endBytes = this.#isSizeKnown ? size : UNKNOWN_SIZE_BYTES;
    // what takes less space than it is long has holes, or is compressed by its file system
    this.#dataUntil = blocks !== undefined && blocks * STAT_BLOCK_BYTES < size ? 0 : Number.POSITIVE_INFINITY;
  }

  read(memory: Uint8Array, address: number, length: number): number {
    const most = this.#isSizeKnown ? length : Math.min(length, ASKED_OF_KERNEL_BYTES);
    const left = Math.min(most, this.#endBytes - this.#at);
    if (left <= 0) return 0;
    if (this.#at >= this.#dataUntil && this.#at >= this.#holeUntil) this.#findHole();
    if (this.#at < this.#holeUntil) {
      const zeros = Math.min(left, this.#holeUntil - this.#at);
      memory.fill(0, address, address + zeros);
      this.#at += zeros;
      return zeros;
    }
    const got = readSync(this.#descriptor, memory, address, Math.min(left, this.#dataUntil - this.#at), this.#at);
    this.#at += got;
    return got;
  }

  /** Whether there may be more than was read, of a file that did not say how much it holds. */
  get isCutShort(): boolean {
    return !this.#isSizeKnown && this.#at >= this.#endBytes;
  }

  /** Looks where the next data begins; up to there is a hole. Without an answer all is read. */
  #findHole(): void {
    try {
      const data = seekData(this.#descriptor, this.#at) ?? this.#endBytes;
      this.#holeUntil = Math.min(data, this.#endBytes);
      this.#dataUntil = seekHole(this.#descriptor, this.#holeUntil) ?? this.#endBytes;
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      this.#dataUntil = Number.POSITIVE_INFINITY;
    }
  }
}

/** Content that is in memory already. */
export class BytesReader implements ContentReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(memory: Uint8Array, address: number, length: number): number {
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    memory.set(part, address);
    this.#at += part.length;
    return part.length;
  }
}

/** Content that another thread hands over while it comes. */
export class StreamReader implements ContentReader {
  readonly #ring: RingReader;

  constructor(ring: RingReader) {
    this.#ring = ring;
  }

  read(memory: Uint8Array, address: number, length: number): number {
    return this.#ring.read(memory.subarray(address, address + length));
  }
}
