import { unlinkSync } from "node:fs";
import { finishDescriptorSync, type LeftOut, type MetadataPolicy } from "../destination/index.ts";
import { type ByteString, type ExtendedAttribute, type ItemInfo, toFsPath } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import { openChunk } from "./open-chunk.ts";
import { WrittenFile } from "./written-file.ts";

/** A file that is not there yet, its one piece of content, and what it gets when that is in. */
export interface NewFile {
  /** Absolute, proven to lie in the target; nothing has it. */
  readonly path: ByteString;
  readonly info: Pick<ItemInfo, "userId" | "groupId" | "permissions" | "modifiedNs">;
  readonly attributes: readonly ExtendedAttribute[];
  /** undefined for an empty file. */
  readonly piece:
    | { readonly at: number; readonly length: number; readonly mac: Uint8Array; readonly contentBytes: number }
    | undefined;
}

/** Many of them as few arrays: an object each would cost more to send than the file to write. */
export interface NewFiles {
  readonly bytes: Uint8Array;
  readonly paths: readonly ByteString[];
  /** NUMBERS for each file: owner, group, permissions, then of its piece: place in the bytes, length, content's length. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly modifiedNs: BigInt64Array<ArrayBuffer>;
  readonly macs: Uint8Array<ArrayBuffer>;
  /** Of those that have any, by their numbers. */
  readonly attributes: readonly (readonly [number, readonly ExtendedAttribute[]])[];
  readonly fillHoles: boolean;
  readonly policy: MetadataPolicy;
}

/**
 * What became of a new file. `refused`: nothing of it is there; `unfinished`: its content is, but something else is not. Why,
 * is found out by whoever does it again step by step.
 */
export const made = { whole: 0, refused: 1, unfinished: 2 } as const;

export interface MadeFiles {
  /** One byte a file, of `made`. */
  readonly outcomes: Uint8Array<ArrayBuffer>;
  readonly leftOut: readonly (readonly [number, readonly LeftOut[]])[];
}

const NUMBERS = 6;
const MAC_BYTES = 32;
/** int64, as they travel. */
const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/** Whether a file's time can be sent. */
export function canTravel({ modifiedNs }: Pick<ItemInfo, "modifiedNs">): boolean {
  return isInt64(modifiedNs);
}

export function packNewFiles(files: readonly NewFile[]): Omit<NewFiles, "bytes" | "fillHoles" | "policy"> {
  const numbers = new Float64Array(files.length * NUMBERS);
  const modifiedNs = new BigInt64Array(files.length);
  const macs = new Uint8Array(files.length * MAC_BYTES);
  const attributes: (readonly [number, readonly ExtendedAttribute[]])[] = [];
  for (const [at, file] of files.entries()) {
    const { info, piece } = file;
    const start = at * NUMBERS;
    numbers[start] = info.userId;
    numbers[start + 1] = info.groupId;
    numbers[start + 2] = info.permissions;
    modifiedNs[at] = info.modifiedNs;
    if (piece) {
      numbers[start + 3] = piece.at;
      numbers[start + 4] = piece.length;
      numbers[start + 5] = piece.contentBytes;
      macs.set(piece.mac, at * MAC_BYTES);
    }
    if (file.attributes.length > 0) attributes.push([at, file.attributes]);
  }
  return { paths: files.map(({ path }) => path), numbers, modifiedNs, macs, attributes };
}

function unpackNewFile(files: NewFiles, at: number, attributes: readonly ExtendedAttribute[]): NewFile {
  const [userId = 0, groupId = 0, permissions = 0, place = 0, length = 0, contentBytes = 0] = files.numbers.subarray(
    at * NUMBERS,
    (at + 1) * NUMBERS,
  );
  const mac = files.macs.subarray(at * MAC_BYTES, (at + 1) * MAC_BYTES);
  return {
    path: files.paths[at] as ByteString,
    info: { userId, groupId, permissions, modifiedNs: files.modifiedNs[at] as bigint },
    attributes,
    piece: length === 0 ? undefined : { at: place, length, mac, contentBytes },
  };
}

/**
 * Makes files in one go: open, verify, create, write, owner, mode and times by one descriptor. A file is made only where
 * nothing is (O_EXCL), once its content was verified (I-03), and is readable by its owner alone until it is whole.
 */
export class NewFileMaker {
  readonly #sealer: Sealer;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  make(files: NewFiles): MadeFiles {
    const outcomes = new Uint8Array(files.paths.length);
    const leftOut: (readonly [number, readonly LeftOut[]])[] = [];
    const attributesOf = new Map(files.attributes);
    for (let at = 0; at < outcomes.length; at++) {
      const file = unpackNewFile(files, at, attributesOf.get(at) ?? []);
      const missing = this.#make(file, files);
      if (typeof missing === "number") outcomes[at] = missing;
      else if (missing.length > 0) leftOut.push([at, missing]);
    }
    return { outcomes, leftOut };
  }

  #make(file: NewFile, { bytes, fillHoles, policy }: NewFiles): readonly LeftOut[] | number {
    let written: WrittenFile | undefined;
    try {
      const { piece } = file;
      const content = piece && openChunk(this.#sealer, bytes.subarray(piece.at, piece.at + piece.length), piece);
      written = WrittenFile.create(file.path, fillHoles ? "fill" : "keep");
      if (content) written.writeWhole(content);
    } catch {
      if (written) withdraw(written);
      return made.refused;
    }
    let outcome: readonly LeftOut[] | number = made.unfinished;
    try {
      const { path, attributes, info } = file;
      const what = { path, info: { ...info, kind: "file" as const }, extendedAttributes: attributes };
      outcome = finishDescriptorSync(written.descriptor, what, policy);
    } catch {
      // its content is whole, and stays
    }
    try {
      written.close();
      return outcome;
    } catch {
      // a full file system may say so only now
      withdraw(written);
      return made.refused;
    }
  }
}

/** Takes back what was made here, and is not whole. */
function withdraw(written: WrittenFile): void {
  for (const step of [() => written.close(), () => unlinkSync(toFsPath(written.path))]) {
    try {
      step();
    } catch {
      // what is tried again finds it, and says so
    }
  }
}
