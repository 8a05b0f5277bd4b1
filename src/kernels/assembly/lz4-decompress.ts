// LZ4 block decompression for hostile input: every read is inside the block or what has been written before, and every
// write inside the capacity.

import { copyWildly } from "./lz4-compress";

/** What a block or frame can be wrong in; the host's side names them. */
export const DAMAGED: i32 = -1;
export const TOO_LARGE: i32 = -3;

/** Row k repeats the first k bytes of a vector: a match that overlaps itself becomes whole stores. */
const PATTERNS: usize = memory.data(16 * 16, 16);
/** How far such a store moves on: the largest multiple of k in 16. */
const STEPS: usize = memory.data(16, 16);
let patternsReady = false;

function makePatterns(): void {
  for (let k: u32 = 1; k < 16; k++) {
    for (let i: u32 = 0; i < 16; i++) store<u8>(PATTERNS + k * 16 + i, <u8>(i % k));
    store<u8>(STEPS + k, <u8>(16 - (16 % k)));
  }
  patternsReady = true;
}

/** Copies a match of `distance` back to [op, end); up to 15 bytes more are written. */
// @ts-ignore: decorator
@inline
function copyMatchWildly(op: usize, end: usize, distance: usize): void {
  let from = op - distance;
  if (distance >= 16) {
    do {
      v128.store(op, v128.load(from));
      op += 16;
      from += 16;
    } while (op < end);
  } else {
    const repeated = i8x16.swizzle(v128.load(from), v128.load(PATTERNS + distance * 16));
    const step = <usize>load<u8>(STEPS + distance);
    do {
      v128.store(op, repeated);
      op += step;
    } while (op < end);
  }
}

/**
 * Decompresses a block to out; matches may reach back to `window`, which is out or, in a frame of linked blocks, before it.
 * Answers the size, or a negative number. All of [out, out + capacity) may be written.
 */
export function lz4DecompressBlock(source: usize, length: u32, out: usize, capacity: u32, window: usize): i32 {
  if (!patternsReady) makePatterns();
  const end = source + length, outEnd = out + capacity;
  let ip = source, op = out;
  while (ip < end) {
    const token = <usize>load<u8>(ip++);
    let literals = token >> 4, match = token & 15;
    if (literals < 15 && ip + 16 <= end && op + 16 <= outEnd) {
      v128.store(op, v128.load(ip));
    } else {
      if (literals == 15) {
        let byte: usize;
        do {
          if (ip >= end) return DAMAGED;
          byte = <usize>load<u8>(ip++);
          literals += byte;
        } while (byte == 255);
      }
      if (literals > end - ip) return DAMAGED;
      if (literals > outEnd - op) return TOO_LARGE;
      if (ip + literals + 16 <= end && op + literals + 16 <= outEnd) copyWildly(op, ip, literals);
      else memory.copy(op, ip, literals);
    }
    ip += literals;
    op += literals;
    if (ip == end) return <i32>(op - out);
    if (ip + 2 > end) return DAMAGED;
    const distance = <usize>load<u16>(ip);
    ip += 2;
    if (distance == 0 || distance > op - window) return DAMAGED;
    if (match == 15) {
      let byte: usize;
      do {
        if (ip >= end) return DAMAGED;
        byte = <usize>load<u8>(ip++);
        match += byte;
      } while (byte == 255);
    }
    match += 4;
    if (match > outEnd - op) return TOO_LARGE;
    const matchEnd = op + match;
    if (matchEnd + 16 <= outEnd) {
      copyMatchWildly(op, matchEnd, distance);
    } else {
      for (let from = op - distance; op < matchEnd; op++, from++) store<u8>(op, load<u8>(from));
    }
    op = matchEnd;
  }
  return DAMAGED; // a block ends with literals
}
