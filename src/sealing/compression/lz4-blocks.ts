// LZ4 frames (lz4_Frame_format.md of the LZ4 project) of any length, block by block: states and indexes of large stores
// are larger than the kernels' memory. The kernels know whole frames only, so each block is dressed as a frame of its own.
import { concatBytes, viewOf } from "../../foundation/index.ts";
import { LZ4_CHECKSUM, LZ4_DAMAGED, LZ4_TOO_LARGE } from "../../kernels/index.ts";
import { blobDamaged, frameFailure, type OpenLimits, tooLarge } from "../failures.ts";
import { PartReader } from "../part-reader.ts";
import type { Workspace } from "../workspace.ts";
import { GrowingBytes } from "./growing-bytes.ts";

const MAGIC = 0x184d2204;
const BLOCK_BYTES = 4 << 20;
/** How far back a block may refer to the ones before it. */
const HISTORY_BYTES = 64 << 10;
/** In a block's size: the block is stored as it is. */
const STORED = 0x8000_0000;
const HEADER_BYTES = 7;
const CONTENT_SIZE_BYTES = 8;

/** Flags of the descriptor's first byte. */
const VERSION_1 = 0x40;
const VERSION_MASK = 0xc0;
const INDEPENDENT = 0x20;
const BLOCK_CHECKSUMS = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const RESERVED_OR_DICTIONARY = 0x03;
const UP_TO_4_MIB = 0x70;

/**
 * One frame of independent blocks. Without a checksum of the content: xxHash32 would have to see it in one piece, and
 * what is stored has a MAC.
 */
export function packBlocks(workspace: Workspace, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const packed = new GrowingBytes(workspace.kernels.lz4FrameBound(bytes.length), bytes.length >> 1);
  for (const piece of packBlockParts(workspace, [bytes])) packed.append(piece);
  return packed.take();
}

/** The same frame piece by piece, of content that comes in parts; a part is a block, or several. */
export function* packBlockParts(workspace: Workspace, parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  const { kernels, staging } = workspace;
  yield frameHeader(workspace, VERSION_1 | INDEPENDENT);
  for (const bytes of parts) {
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      const part = bytes.subarray(at, at + BLOCK_BYTES);
      kernels.bytes.set(part, staging);
      const out = workspace.behind(staging, part.length);
      const length = kernels.lz4Frame(staging, part.length, out);
      // a copy: whoever asks for the next piece may have used the room meanwhile
      yield kernels.bytes.slice(out + HEADER_BYTES, out + length - 8);
    }
  }
  yield new Uint8Array(4); // the end mark
}

/** Checks all but the checksum of the content, for which the MAC stands. */
export function unpackBlocks(workspace: Workspace, bytes: Uint8Array, limits: OpenLimits): Uint8Array<ArrayBuffer> {
  const frame = readDescriptor(workspace, bytes, limits);
  const view = viewOf(bytes);
  const content = new GrowingBytes(limits.maxBytes, bytes.length * 2);
  let at = frame.blocksAt;
  for (;;) {
    if (at + 4 > bytes.length) throw blobDamaged(limits.what, "its LZ4 frame is truncated");
    const field = view.getUint32(at, true);
    if (field === 0) break;
    const end = at + 4 + (field & ~STORED);
    if (end - at - 4 > frame.blockBytes || end + frame.checksumBytes > bytes.length)
      throw frameFailure(LZ4_DAMAGED, limits);
    const block = bytes.subarray(at, end);
    const history = frame.linked ? content.last(HISTORY_BYTES) : new Uint8Array();
    const room = Math.min(frame.blockBytes, limits.maxBytes - content.length);
    const expanded = unpackBlock(workspace, block, history, room);
    if (typeof expanded === "number") {
      throw expanded === LZ4_TOO_LARGE && room < frame.blockBytes
        ? tooLarge(limits)
        : frameFailure(LZ4_DAMAGED, limits);
    }
    content.append(expanded);
    at = end + frame.checksumBytes;
  }
  const end = at + 4 + frame.endBytes;
  if (end !== bytes.length) throw blobDamaged(limits.what, "its LZ4 frame does not end where it should");
  return content.take();
}

/** As `unpackBlocks`, of a frame that comes in parts: block by block, with no more than the history of one behind it. */
export async function* unpackBlocksInParts(
  workspace: Workspace,
  parts: AsyncIterable<Uint8Array>,
  limits: OpenLimits,
): AsyncGenerator<Uint8Array> {
  const reader = new PartReader(parts);
  const beginning = await reader.take(HEADER_BYTES);
  const isLong = ((beginning[4] ?? 0) & CONTENT_SIZE) !== 0;
  const frame = readDescriptor(
    workspace,
    isLong ? concatBytes([beginning, await reader.take(CONTENT_SIZE_BYTES)]) : beginning,
    limits,
  );
  let history: Uint8Array = new Uint8Array();
  for (let length = 0; ; ) {
    const size = await reader.take(4);
    if (size.length < 4) throw blobDamaged(limits.what, "its LZ4 frame is truncated");
    const field = viewOf(size).getUint32(0, true);
    if (field === 0) break;
    const blockBytes = field & ~STORED;
    if (blockBytes > frame.blockBytes) throw frameFailure(LZ4_DAMAGED, limits);
    const block = await reader.take(blockBytes + frame.checksumBytes);
    if (block.length < blockBytes + frame.checksumBytes) throw frameFailure(LZ4_DAMAGED, limits);
    const expanded = unpackBlock(
      workspace,
      concatBytes([size, block.subarray(0, blockBytes)]),
      history,
      frame.blockBytes,
    );
    if (typeof expanded === "number") throw frameFailure(LZ4_DAMAGED, limits);
    length += expanded.length;
    if (length > limits.maxBytes) throw tooLarge(limits);
    const content = expanded.slice(); // others may use the room before this is looked at
    if (frame.linked) history = concatBytes([history, content]).slice(-HISTORY_BYTES);
    yield content;
  }
  const end = await reader.take(frame.endBytes + 1);
  if (end.length !== frame.endBytes) throw blobDamaged(limits.what, "its LZ4 frame does not end where it should");
}

interface Descriptor {
  readonly blocksAt: number;
  readonly blockBytes: number;
  readonly linked: boolean;
  readonly checksumBytes: number;
  readonly endBytes: number;
}

function readDescriptor(workspace: Workspace, bytes: Uint8Array, limits: OpenLimits): Descriptor {
  const [flags, sizes] = [bytes[4] ?? 0, bytes[5] ?? 0];
  const length = flags & CONTENT_SIZE ? 10 : 2;
  if (bytes.length < 4 + length + 1) throw frameFailure(LZ4_DAMAGED, limits);
  const known =
    viewOf(bytes).getUint32(0, true) === MAGIC &&
    (flags & VERSION_MASK) === VERSION_1 &&
    !(flags & RESERVED_OR_DICTIONARY) &&
    (sizes & 0x8f) === 0 &&
    sizes >= 0x40;
  if (!known) throw blobDamaged(limits.what, "it does not begin as an LZ4 frame");
  if (descriptorCheck(workspace, bytes.subarray(4, 4 + length)) !== bytes[4 + length])
    throw frameFailure(LZ4_CHECKSUM, limits);
  return {
    blocksAt: 4 + length + 1,
    blockBytes: 2 ** (8 + 2 * (sizes >> 4)),
    linked: !(flags & INDEPENDENT),
    checksumBytes: flags & BLOCK_CHECKSUMS ? 4 : 0,
    endBytes: flags & CONTENT_CHECKSUM ? 4 : 0,
  };
}

/** The content of one block (its size field first), a view of kernel memory; or the kernels' number for what is wrong. */
function unpackBlock(workspace: Workspace, block: Uint8Array, history: Uint8Array, room: number): Uint8Array | number {
  const { kernels, staging } = workspace;
  const { bytes } = kernels;
  const view = viewOf(bytes);
  let at = staging;
  const put = (part: Uint8Array): void => {
    bytes.set(part, at);
    at += part.length;
  };
  put(frameHeader(workspace, VERSION_1 | (history.length > 0 ? 0 : INDEPENDENT)));
  if (history.length > 0) {
    view.setUint32(at, (history.length | STORED) >>> 0, true);
    at += 4;
    put(history);
  }
  put(block);
  view.setUint32(at, 0, true);
  at += 4;
  const out = workspace.behind(staging, at - staging);
  const written = kernels.lz4Unframe(staging, at - staging, out, history.length + room);
  return written < 0 ? written : bytes.subarray(out + history.length, out + written);
}

function frameHeader(workspace: Workspace, flags: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_BYTES);
  viewOf(header).setUint32(0, MAGIC, true);
  header[4] = flags;
  header[5] = UP_TO_4_MIB;
  header[6] = descriptorCheck(workspace, header.subarray(4, 6));
  return header;
}

/** The second byte of the descriptor's xxHash32. */
function descriptorCheck(workspace: Workspace, descriptor: Uint8Array): number {
  const { kernels, digest } = workspace;
  kernels.bytes.set(descriptor, digest);
  return (kernels.xxh32(digest, descriptor.length) >>> 8) & 0xff;
}
