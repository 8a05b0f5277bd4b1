import { PlakarError, type Random } from "../foundation/index.ts";
import { ScratchFile } from "./scratch-file.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** So much stays in memory: small backups make no file. */
const IN_MEMORY_BYTES = 8 << 20;

interface SpillFile {
  readonly scratch: ScratchFile;
  readonly key: Uint8Array;
}

type Kept = { readonly bytes: Uint8Array } | { readonly at: number; readonly length: number };

/**
 * What is made early and needed once more at the end: in memory while it is little, then in a file without a name, under a
 * key that only this process has and never writes down (docs/decisions/17-spilled-records.md). Where there can be no such
 * file, all of it stays in memory.
 */
export class Spill {
  readonly #directory: string | undefined;
  readonly #random: Random;
  readonly #kept: Kept[] = [];
  #memoryBytes = 0;
  #file: SpillFile | undefined;
  #isClosed = false;

  /** `directory`: where the file would be, best on a disk; undefined: nowhere. */
  constructor(directory: string | undefined, random: Random) {
    this.#directory = directory;
    this.#random = random;
  }

  /** Keeps bytes, which are not to be changed any more; answers their number, which counts from 0. */
  add(bytes: Uint8Array): number {
    const isLittle = this.#memoryBytes + bytes.length <= IN_MEMORY_BYTES;
    const spilled = isLittle ? undefined : this.#write(bytes);
    if (!spilled) this.#memoryBytes += bytes.length;
    return this.#kept.push(spilled ?? { bytes }) - 1;
  }

  get(number: number): Uint8Array {
    const kept = this.#kept[number] as Kept;
    return "bytes" in kept ? kept.bytes : this.#read(number, kept.at, kept.length);
  }

  /** Gives the space back. Nothing can be had of it any more. */
  close(): void {
    this.#file?.scratch.close();
    this.#file?.key.fill(0);
    this.#file = undefined;
    this.#isClosed = true;
    this.#kept.length = 0;
  }

  #write(bytes: Uint8Array): Kept | undefined {
    const file = this.#opened();
    if (!file) return undefined;
    const { createCipheriv } = process.getBuiltinModule("node:crypto");
    const cipher = createCipheriv("aes-256-gcm", file.key, nonceOf(this.#kept.length));
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    try {
      return { at: file.scratch.append(sealed), length: sealed.length };
    } catch {
      return undefined; // the disk is full, say: memory is left
    }
  }

  #read(number: number, at: number, length: number): Uint8Array {
    const damaged = (cause?: unknown): PlakarError =>
      new PlakarError(
        "spill-damaged",
        "what was put aside in the cache directory cannot be read again: try once more",
        {
          kind: "unavailable",
          cause,
        },
      );
    const file = this.#file;
    if (!file) throw damaged();
    const { createDecipheriv } = process.getBuiltinModule("node:crypto");
    try {
      const sealed = Buffer.alloc(length);
      file.scratch.read(sealed, at);
      const decipher = createDecipheriv("aes-256-gcm", file.key, nonceOf(number));
      decipher.setAuthTag(sealed.subarray(length - TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(0, length - TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw damaged(error);
    }
  }

  #opened(): SpillFile | undefined {
    if (this.#file || this.#isClosed) return this.#file;
    const scratch = ScratchFile.make(this.#directory);
    scratch?.unlink(); // nothing is left behind then, not even when this process is killed
    this.#file = scratch && { scratch, key: this.#random.bytes(KEY_BYTES) };
    return this.#file;
  }
}

/** Each number is sealed once under a key of its own process: no nonce comes twice. */
function nonceOf(number: number): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32LE(number);
  return nonce;
}
