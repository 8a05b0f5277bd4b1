import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makeDirectories, systemRandom, toHex } from "../foundation/index.ts";
import { readFully } from "./read-fully.ts";

/** Ends the names of files that nobody needs once their process has ended. */
export const SCRATCH_SUFFIX = ".tmp";

/** Of what is never needed: what cannot be removed (a read-only disk, no directory) is overwritten or found out later. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // it is left to whoever trims the cache
  }
}

/** A file of this process alone that grows at its end. */
export class ScratchFile {
  readonly path: string;
  readonly descriptor: number;
  #size = 0;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.descriptor = descriptor;
  }

  /** undefined where none can be made: then memory has to do. */
  static make(directory: string | undefined): ScratchFile | undefined {
    if (directory === undefined) return undefined;
    const path = join(directory, `${toHex(systemRandom.bytes(12))}${SCRATCH_SUFFIX}`);
    try {
      makeDirectories(directory, 0o700);
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
      return new ScratchFile(path, openSync(path, flags, 0o600));
    } catch {
      return undefined;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Answers where the bytes begin. Throws what the system says, and then they are not there. */
  append(bytes: Uint8Array): number {
    const position = this.#size;
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(this.descriptor, bytes, at, bytes.length - at, position + at);
    }
    this.#size += bytes.length;
    return position;
  }

  /** Throws what the system says. */
  read(bytes: Uint8Array, position: number): void {
    if (!readFully(this.descriptor, bytes, position)) throw new Error("a file of this process alone was cut short");
  }

  /** Takes its name away, and the file itself when nobody has it open any more. */
  unlink(): void {
    removeQuietly(this.path);
  }

  close(): void {
    this.unlink();
    closeSync(this.descriptor);
  }
}
