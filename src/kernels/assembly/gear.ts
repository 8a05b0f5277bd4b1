// FastCDC with a 64-bit gear hash (Xia et al., 2016): a chunk ends where the hash under a mask is zero. Before the normal
// size the stricter mask is asked, behind it the looser one, so that sizes gather around it.
import { GEAR_TABLE } from "./gear-table";

let strictMask: u64 = 0, looseMask: u64 = 0;
let minBytes: u32 = 0, normalBytes: u32 = 0, maxBytes: u32 = 0;
/** The hash on the way from one scan to the next; a second result would have to go through memory. */
let carried: u64 = 0;

export function cutConfigure(minimum: u32, normal: u32, maximum: u32, strict: u64, loose: u64): void {
  minBytes = minimum;
  normalBytes = normal;
  maxBytes = maximum;
  strictMask = strict;
  looseMask = loose;
}

// @ts-ignore: decorator
@inline
function roll(hash: u64, at: usize): u64 {
  return (hash << 1) + load<u64>(GEAR_TABLE + (<usize>load<u8>(at) << 3));
}

/** Answers the address of the first byte in [from, to) that ends a chunk, or `to`. Binaryen does not unroll, so by hand. */
function scan(from: usize, to: usize, mask: u64): usize {
  let hash = carried, p = from;
  while (p + 8 <= to) {
    hash = roll(hash, p);
    if (!(hash & mask)) return p;
    hash = roll(hash, p + 1);
    if (!(hash & mask)) return p + 1;
    hash = roll(hash, p + 2);
    if (!(hash & mask)) return p + 2;
    hash = roll(hash, p + 3);
    if (!(hash & mask)) return p + 3;
    hash = roll(hash, p + 4);
    if (!(hash & mask)) return p + 4;
    hash = roll(hash, p + 5);
    if (!(hash & mask)) return p + 5;
    hash = roll(hash, p + 6);
    if (!(hash & mask)) return p + 6;
    hash = roll(hash, p + 7);
    if (!(hash & mask)) return p + 7;
    p += 8;
  }
  for (; p < to; p++) {
    hash = roll(hash, p);
    if (!(hash & mask)) return p;
  }
  carried = hash;
  return to;
}

/** The length of the chunk that begins at `address`, where `length` bytes are to be had. */
export function cut(address: usize, length: u32): u32 {
  const available = min(length, maxBytes);
  if (available <= minBytes) return available;
  const normal = max(min(normalBytes, available), minBytes);
  carried = 0;
  let end = scan(address + minBytes, address + normal, strictMask);
  if (end == address + normal) end = scan(end, address + available, looseMask);
  return <u32>(end - address);
}
