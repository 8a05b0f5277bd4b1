/**
 * An ad hoc signature: digests without a signer, which is what macOS asks of every program on Apple's processors. The
 * layout is that of Apple's xnu, osfmk/kern/cs_blobs.h; all numbers are big-endian.
 */
import { createHash } from "node:crypto";

const [superBlobMagic, codeDirectoryMagic] = [0xfade0cc0, 0xfade0c02];
/** The first version of the directory that knows the executable segment. */
const version = 0x20400;
const directoryHeaderLength = 88;
const superBlobHeaderLength = 20;
const [adHoc, mainBinary] = [0x2, 0x1];
const sha256 = { type: 2, length: 32 } as const;
/** As Apple signs for both kinds of processor. */
const pageBits = 12;

export interface SignedCode {
  /** Everything before the signature, with load commands that already name it. */
  readonly code: Uint8Array;
  readonly identifier: string;
  /** The segment with the program: where it lies in the file. */
  readonly text: { readonly fileOffset: number; readonly fileSize: number };
}

/** How long the signature of so much code will be. */
export function signatureLength(codeLength: number, identifier: string): number {
  const pages = Math.ceil(codeLength / 2 ** pageBits);
  return superBlobHeaderLength + directoryHeaderLength + identifier.length + 1 + pages * sha256.length;
}

/** A SuperBlob with nothing but a CodeDirectory. */
export function adHocSignature(signed: SignedCode): Buffer {
  const directory = codeDirectory(signed);
  const slotOfCodeDirectory = 0;
  const length = superBlobHeaderLength + directory.length;
  return Buffer.concat([words(superBlobMagic, length, 1, slotOfCodeDirectory, superBlobHeaderLength), directory]);
}

function codeDirectory({ code, identifier, text }: SignedCode): Buffer {
  const digests = pageDigests(code);
  const name = Buffer.from(`${identifier}\0`);
  const hashOffset = directoryHeaderLength + name.length;
  const length = hashOffset + digests.length * sha256.length;
  const specialSlots = 0;
  const header = Buffer.concat([
    words(codeDirectoryMagic, length, version, adHoc, hashOffset, directoryHeaderLength),
    words(specialSlots, digests.length, code.length),
    Buffer.from([sha256.length, sha256.type, 0, pageBits]),
    words(0, 0, 0, 0), // spare, no scatter, no team, spare
    longs(0, text.fileOffset, text.fileSize, mainBinary), // the first: code of more than 4 GiB
  ]);
  return Buffer.concat([header, name, ...digests]);
}

/** The last page may be shorter. */
export function pageDigests(code: Uint8Array): Buffer[] {
  const size = 2 ** pageBits;
  return Array.from({ length: Math.ceil(code.length / size) }, (_, page) =>
    createHash("sha256")
      .update(code.subarray(page * size, (page + 1) * size))
      .digest(),
  );
}

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4);
  return buffer;
}

function longs(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) buffer.writeBigUInt64BE(BigInt(value), index * 8);
  return buffer;
}
