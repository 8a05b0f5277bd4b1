import { type ByteString, fromLatin1, PlakarError } from "../../foundation/index.ts";

/** An archive is made of blocks of this size: headers of one, contents padded to whole ones. */
export const BLOCK_BYTES = 512;

/** A header as it stands in the archive: POSIX.1-1988 (ustar), with what GNU tar added. Fields are bytes. */
export interface TarHeader {
  readonly name: ByteString;
  readonly permissions: number;
  readonly userId: number;
  readonly groupId: number;
  readonly sizeBytes: number;
  readonly modifiedSeconds: number;
  /** One character: `0` a file, `1` a hard link, `2` a symlink, `5` a directory, `x` attributes of the next … */
  readonly type: string;
  readonly linkName: ByteString;
  readonly userName: ByteString;
  readonly groupName: ByteString;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Of the old sparse format of GNU tar, type `S`. */
  readonly sparse: SparseHeader | undefined;
}

/** What the old sparse format says in the header; `isContinued`: further extents are in blocks behind it. */
export interface SparseHeader {
  readonly extents: readonly { readonly offset: number; readonly length: number }[];
  readonly isContinued: boolean;
  /** With the holes. */
  readonly sizeBytes: number;
}

const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const SPACE = 32;

/** Reads a header; undefined for a block of zeros, which ends an archive. Throws `tar-damaged` (kind input). */
export function decodeTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (numberAt(block, CHECKSUM_AT, CHECKSUM_BYTES) !== checksumOf(block))
    throw tarDamaged("a header's checksum is wrong");
  const isPosix = textAt(block, 257, 6) === "ustar" && block[263] === 0x30;
  const prefix = isPosix ? textAt(block, 345, 155) : "";
  const name = textAt(block, 0, 100);
  return {
    name: (prefix === "" ? name : `${prefix}/${name}`) as ByteString,
    permissions: numberAt(block, 100, 8) & 0o7777,
    userId: numberAt(block, 108, 8),
    groupId: numberAt(block, 116, 8),
    sizeBytes: sizeAt(block, 124),
    modifiedSeconds: numberAt(block, 136, 12),
    // before POSIX a file was NUL
    type: block[156] === 0 ? "0" : String.fromCharCode(block[156] as number),
    linkName: textAt(block, 157, 100),
    userName: textAt(block, 265, 32),
    groupName: textAt(block, 297, 32),
    deviceMajor: numberAt(block, 329, 8),
    deviceMinor: numberAt(block, 337, 8),
    sparse: block[156] === 0x53 ? sparseHeader(block) : undefined,
  };
}

function sparseHeader(block: Uint8Array): SparseHeader {
  return { extents: sparseExtents(block, 386, 4), isContinued: block[482] === 1, sizeBytes: sizeAt(block, 483) };
}

/** Pairs of offset and length; one that is all zeros ends them. */
export function sparseExtents(block: Uint8Array, at: number, count: number): SparseHeader["extents"] {
  const extents: { offset: number; length: number }[] = [];
  for (let each = at; each < at + count * 24; each += 24) {
    if (block[each] === 0) break;
    extents.push({ offset: sizeAt(block, each), length: sizeAt(block, each + 12) });
  }
  return extents;
}

/** The sum of all bytes, those of the sum itself taken for spaces. */
export function checksumOf(block: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < BLOCK_BYTES; at++) {
    const inside = at >= CHECKSUM_AT && at < CHECKSUM_AT + CHECKSUM_BYTES;
    sum += inside ? SPACE : (block[at] as number);
  }
  return sum;
}

function textAt(block: Uint8Array, at: number, length: number): ByteString {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return fromLatin1(Buffer.from(end < 0 ? field : field.subarray(0, end)).toString("latin1"));
}

function sizeAt(block: Uint8Array, at: number): number {
  const size = numberAt(block, at, 12);
  if (!Number.isSafeInteger(size) || size < 0) throw tarDamaged("a header names an impossible size");
  return size;
}

/** Octal digits, or with the top bit set a big-endian number of two's complement, as GNU tar writes what needs more room. */
function numberAt(block: Uint8Array, at: number, length: number): number {
  const first = block[at] as number;
  if (first & 0x80) {
    const bytes = Buffer.from(block.subarray(at, at + length));
    bytes[0] = first === 0xff ? 0xff : first & 0x7f;
    return Number(BigInt.asIntN(length * 8, BigInt(`0x${bytes.toString("hex")}`)));
  }
  const digits = textAt(block, at, length).trim();
  if (digits === "") return 0;
  if (!/^[0-7]+$/.test(digits)) throw tarDamaged("a header has a field that is no number");
  return Number.parseInt(digits, 8);
}

/** What is read is no tar archive, or a damaged one. */
export function tarDamaged(how: string): PlakarError {
  return new PlakarError("tar-damaged", `the archive cannot be read: ${how}`, {
    kind: "input",
    advice: "No snapshot was made. Is it a tar archive, and whole? See what tar -t says of it.",
  });
}
