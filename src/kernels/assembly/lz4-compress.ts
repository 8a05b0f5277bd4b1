// LZ4 block compression (lz4_Block_format.md of the LZ4 project): one hash table of positions, greedy, with a search that
// steps faster the longer nothing is found.
//
// Tables are not cleared between blocks. They hold position + base, where base moves on by the length of every block, so
// that entries of earlier blocks fail the test of being near enough. Below 64 KiB positions fit 16 bits and the same 16 KiB
// of table have twice the slots: more matches in small and mixed inputs, which most blobs are.

const TABLE_BYTES: i32 = 16384;
const TABLE16: usize = memory.data(TABLE_BYTES, 16);
const TABLE32: usize = memory.data(TABLE_BYTES, 16);
/** Distances are 16 bits in the format. */
const MAX_DISTANCE: u32 = 65535;
const MIN_MATCH: usize = 4;
/** The format: the last five bytes are literals, and no match begins within the last twelve. */
const LAST_LITERALS: usize = 5;
const MATCH_LIMIT: usize = 12;
/** A search that has found nothing for 2^SKIP_TRIGGER positions begins to skip. */
const SKIP_TRIGGER: u32 = 6;

/** 0 in a table is "nothing", hence not a position. */
let base16: u32 = 1;
/** So that 0 is too far away. */
let base32: u32 = MAX_DISTANCE + 1;

/** Five bytes hashed by Knuth's multiplicative method to 13 or 12 bits. */
// @ts-ignore: decorator
@inline
function slot<T>(at: usize): usize {
  const product = (load<u64>(at) << 24) * 889523592379;
  return sizeof<T>() == 2 ? TABLE16 + (<usize>(product >> 51) << 1) : TABLE32 + (<usize>(product >> 52) << 2);
}

/** What remains of a length above 15 in its token. */
// @ts-ignore: decorator
@inline
function writeLength(out: usize, length: usize): usize {
  while (length >= 255) {
    store<u8>(out++, 255);
    length -= 255;
  }
  store<u8>(out++, <u8>length);
  return out;
}

/** Copies 16 bytes at a time, up to 15 too many. */
// @ts-ignore: decorator
@inline
export function copyWildly(to: usize, from: usize, length: usize): void {
  const end = to + length;
  do {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  } while (to < end);
}

/** How many bytes at a and b agree; a stays below limit. */
// @ts-ignore: decorator
@inline
function countEqual(a: usize, b: usize, limit: usize): usize {
  const start = a;
  while (a + 8 <= limit) {
    const difference = load<u64>(a) ^ load<u64>(b);
    if (difference) return a - start + <usize>(ctz(difference) >> 3);
    a += 8;
    b += 8;
  }
  while (a < limit && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return a - start;
}

/** base16 or base32 for a block of this length, moved on for the next. */
// @ts-ignore: decorator
@inline
function takeBase<T>(length: u32): u32 {
  if (sizeof<T>() == 2) {
    if (base16 + length > 65536) {
      memory.fill(TABLE16, 0, TABLE_BYTES);
      base16 = 1;
    }
    const base = base16;
    base16 += length;
    return base;
  }
  if (base32 > 0xa0000000) {
    memory.fill(TABLE32, 0, TABLE_BYTES);
    base32 = MAX_DISTANCE + 1;
  }
  const base = base32;
  base32 += length + MAX_DISTANCE + 1;
  return base;
}

/** Whether the entry of a table is a position of this block, and near enough. */
// @ts-ignore: decorator
@inline
function isNear<T>(entry: u32, position: u32, base: u32): bool {
  return sizeof<T>() == 2 ? entry >= base : position - entry <= MAX_DISTANCE;
}

// One long function: parts of it would have to answer several values, and those would go through memory.
function compress<T>(source: usize, length: u32, out: usize, capacity: u32, acceleration: u32): u32 {
  const end = source + length, outEnd = out + capacity;
  let op = out, anchor = source;
  if (<usize>length > MATCH_LIMIT) {
    const base = takeBase<T>(length);
    const toEntry: usize = <usize>base - source;
    const lastStart = end - MATCH_LIMIT, matchEnd = end - LAST_LITERALS;
    let ip = source;
    store<T>(slot<T>(ip), <T>(ip + toEntry));
    ip++;
    let nextSlot = slot<T>(ip), match: usize = 0, searching = true;
    while (searching) {
      let forward = ip, step: usize = 1, attempts = <usize>acceleration << SKIP_TRIGGER;
      do {
        const at = nextSlot;
        ip = forward;
        forward += step;
        step = attempts++ >> SKIP_TRIGGER;
        if (forward > lastStart + 1) {
          searching = false;
          break;
        }
        const entry = <u32>load<T>(at);
        nextSlot = slot<T>(forward);
        store<T>(at, <T>(ip + toEntry));
        if (isNear<T>(entry, <u32>(ip + toEntry), base)) {
          match = <usize>entry - toEntry;
          if (load<u32>(match) == load<u32>(ip)) break;
        }
      } while (true);
      if (!searching) break;
      while (ip > anchor && match > source && load<u8>(ip - 1) == load<u8>(match - 1)) {
        ip--;
        match--;
      }
      const literals = ip - anchor;
      if (op + literals + literals / 255 + 16 > outEnd) return 0;
      let token = op++;
      if (literals >= 15) {
        store<u8>(token, 0xf0);
        op = writeLength(op, literals - 15);
      } else {
        store<u8>(token, <u8>(literals << 4));
      }
      copyWildly(op, anchor, literals);
      op += literals;
      do {
        store<u16>(op, <u16>(ip - match));
        op += 2;
        const more = countEqual(ip + MIN_MATCH, match + MIN_MATCH, matchEnd);
        ip += more + MIN_MATCH;
        if (op + more / 255 + 8 > outEnd) return 0;
        if (more >= 15) {
          store<u8>(token, load<u8>(token) | 15);
          op = writeLength(op, more - 15);
        } else {
          store<u8>(token, load<u8>(token) | <u8>more);
        }
        anchor = ip;
        if (ip > lastStart) {
          searching = false;
          break;
        }
        store<T>(slot<T>(ip - 2), <T>(ip - 2 + toEntry));
        const at = slot<T>(ip), entry = <u32>load<T>(at);
        store<T>(at, <T>(ip + toEntry));
        if (!isNear<T>(entry, <u32>(ip + toEntry), base)) break;
        match = <usize>entry - toEntry;
        if (load<u32>(match) != load<u32>(ip)) break;
        token = op++;
        store<u8>(token, 0);
      } while (true);
      if (searching) nextSlot = slot<T>(++ip);
    }
  }
  return writeLastLiterals(anchor, end - anchor, out, op, outEnd);
}

function writeLastLiterals(anchor: usize, literals: usize, out: usize, op: usize, outEnd: usize): u32 {
  if (op + literals + literals / 255 + 2 > outEnd) return 0;
  if (literals >= 15) {
    store<u8>(op++, 0xf0);
    op = writeLength(op, literals - 15);
  } else {
    store<u8>(op++, <u8>(literals << 4));
  }
  memory.copy(op, anchor, literals);
  return <u32>(op + literals - out);
}

/**
 * Answers the compressed size, or 0 where it would exceed capacity. Writes up to 32 bytes past the capacity and reads up
 * to 4 past the source. acceleration 1 looks everywhere, more skips more.
 */
export function lz4CompressBlock(source: usize, length: u32, out: usize, capacity: u32, acceleration: u32): u32 {
  return length < 65536
    ? compress<u16>(source, length, out, capacity, acceleration)
    : compress<u32>(source, length, out, capacity, acceleration);
}
