// Reads any conforming LZ4 frame (lz4_Frame_format.md, version 1): linked or independent blocks, all checksums, content
// size, several frames in a row, skippable frames between them. Refused: dictionaries (nobody could know which one is
// meant), the legacy format, and whatever follows that is not a frame.
import { DAMAGED, lz4DecompressBlock, TOO_LARGE } from "./lz4-decompress";
import { MAGIC, STORED } from "./lz4-frame";
import { xxh32 } from "./xxh32";

const UNSUPPORTED: i32 = -2;
const CHECKSUM: i32 = -4;
const SKIPPABLE: u32 = 0x184d2a50; // and the 15 behind it

// the flags of the frame descriptor's first byte
const VERSION: u32 = 0xc0;
const INDEPENDENT: u32 = 0x20;
const BLOCK_CHECKSUMS: u32 = 0x10;
const CONTENT_SIZE: u32 = 0x08;
const CONTENT_CHECKSUM: u32 = 0x04;
const RESERVED: u32 = 0x02;
const DICTIONARY: u32 = 0x01;

/** Where the input goes on behind the frame that was read: the second result of its reader. */
let next: usize = 0;

/** One frame's blocks; answers how many bytes were written, or a negative number. */
function blocks(from: usize, end: usize, flags: u32, blockBytes: u32, out: usize, outEnd: usize): i32 {
  let p = from, o = out;
  while (true) {
    if (end - p < 4) return DAMAGED;
    const field = load<u32>(p), size = field & ~STORED;
    p += 4;
    if (field == 0) break;
    if (size > blockBytes || size > <u32>(end - p)) return DAMAGED;
    if (field & STORED) {
      if (size > <u32>(outEnd - o)) return TOO_LARGE;
      memory.copy(o, p, size);
      o += size;
    } else {
      const room = <u32>(outEnd - o), capacity = min(room, blockBytes);
      const written = lz4DecompressBlock(p, size, o, capacity, flags & INDEPENDENT ? o : out);
      if (written < 0) return written == TOO_LARGE && capacity == blockBytes ? DAMAGED : written;
      o += written;
    }
    p += size;
    if (flags & BLOCK_CHECKSUMS) {
      if (end - p < 4) return DAMAGED;
      if (load<u32>(p) != xxh32(p - size, size)) return CHECKSUM;
      p += 4;
    }
  }
  next = p;
  return <i32>(o - out);
}

/** A frame from its descriptor on (behind the magic number). */
function frame(from: usize, end: usize, out: usize, outEnd: usize): i32 {
  if (end - from < 3) return DAMAGED;
  const flags = <u32>load<u8>(from), sizes = <u32>load<u8>(from, 1);
  if ((flags & VERSION) != 0x40 || flags & (RESERVED | DICTIONARY)) return UNSUPPORTED;
  if (sizes & 0x8f || sizes < 0x40) return UNSUPPORTED;
  const descriptor: u32 = 2 + (flags & CONTENT_SIZE ? 8 : 0);
  if (<u32>(end - from) < descriptor + 1) return DAMAGED;
  if (load<u8>(from + descriptor) != <u8>(xxh32(from, descriptor) >> 8)) return CHECKSUM;
  const contentSize = flags & CONTENT_SIZE ? load<u64>(from, 2) : 0;
  if (contentSize > <u64>(outEnd - out)) return TOO_LARGE;
  const written = blocks(from + descriptor + 1, end, flags, <u32>1 << (8 + 2 * (sizes >> 4)), out, outEnd);
  if (written < 0) return written;
  if (flags & CONTENT_SIZE && contentSize != <u64>written) return DAMAGED;
  if (flags & CONTENT_CHECKSUM) {
    if (end - next < 4) return DAMAGED;
    if (load<u32>(next) != xxh32(out, written)) return CHECKSUM;
    next += 4;
  }
  return written;
}

/**
 * Answers how many bytes of content were written to out, never past out + capacity, or a negative number:
 * -1 damaged, -2 not supported, -3 more than capacity, -4 a checksum is wrong. After an error any of the capacity may have
 * been written.
 */
export function lz4Unframe(address: usize, length: u32, out: usize, capacity: u32): i32 {
  const end = address + length, outEnd = out + capacity;
  let p = address, o = out, frames = 0;
  while (p < end) {
    if (end - p < 8) return DAMAGED;
    const magic = load<u32>(p);
    if ((magic & 0xfffffff0) == SKIPPABLE) {
      const size = load<u32>(p, 4);
      p += 8;
      if (size > <u32>(end - p)) return DAMAGED;
      p += size;
      continue;
    }
    if (magic != MAGIC) return frames == 0 ? UNSUPPORTED : DAMAGED;
    const written = frame(p + 4, end, o, outEnd);
    if (written < 0) return written;
    p = next;
    o += written;
    frames++;
  }
  return frames == 0 ? DAMAGED : <i32>(o - out);
}
