// BLAKE3 of a whole input or of a stream, keyed or not, with 32 bytes of output. Leaves (1 KiB chunks) and parents are
// compressed four at a time wherever four are there. Memory is constant: a subtree of 64 KiB at a time is reduced to one
// chaining value, and those go on a stack as in section 5.1.2 of the BLAKE3 paper.
import { compress4, compressChain } from "./generated/blake3-compress";

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;
const KEYED: u32 = 16;

/** What is reduced to one chaining value at a time. */
const SUBTREE: u32 = 65536;

// A hasher's state. The one-shot functions have one of their own without the buffer, as they read the input in place.
const STATE_KEY: usize = 0; // 32 bytes: the key, or the initial value of the unkeyed hash
const STATE_SUBTREES: usize = 32; // u64: how many are on the stack or merged
const STATE_DEPTH: usize = 40; // u32: chaining values on the stack
const STATE_BUFFERED: usize = 44; // u32: bytes in the buffer, at most SUBTREE
const STATE_FLAGS: usize = 48; // u32: KEYED or 0
const STATE_STACK: usize = 64; // 56 chaining values: 2^64 bytes need 49
const STATE_BUFFER: usize = 64 + 56 * 32;

const KEY: usize = memory.data(32, 16);
const INITIAL: usize = memory.data<u32>(
  [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19], 16);
const WHOLE: usize = memory.data(STATE_BUFFER as i32, 16);
/** Chaining values of one subtree, leaves first, reduced in place; four more so that compress4 may write whole rows. */
const VALUES: usize = memory.data(64 * 32 + 4 * 32, 16);
const LAST_BLOCK: usize = memory.data(64, 16);
const LAST_CHUNK: usize = memory.data(1024, 16);

/** Where the host writes the 32-byte MAC key. */
export function macKeyAddress(): usize {
  return KEY;
}

/** How many bytes a hasher needs. */
export function hasherBytes(): u32 {
  return <u32>STATE_BUFFER + SUBTREE;
}

// @ts-ignore: decorator
@inline
function copy32(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

function begin(state: usize, key: usize, flags: u32): void {
  copy32(state + STATE_KEY, key);
  store<u64>(state, 0, STATE_SUBTREES);
  store<u32>(state, 0, STATE_DEPTH);
  store<u32>(state, 0, STATE_BUFFERED);
  store<u32>(state, flags, STATE_FLAGS);
}

/** One chunk of 0..1024 bytes. Only an incomplete last block is copied, to be padded with zeros. */
function chunk(key: usize, address: usize, length: u32, counter: u64, flags: u32, root: u32, out: usize): void {
  const tail = length & 63, whole = length >> 6;
  if (tail == 0 && length != 0) {
    compressChain(key, address, whole, 64, counter, flags, CHUNK_START, CHUNK_END | root, out);
    return;
  }
  const zero = i32x4.splat(0);
  let copy = LAST_BLOCK;
  if (whole != 0) {
    // The blocks of a chunk must follow one another: at most 960 bytes are copied in front of the padded one.
    copy = LAST_CHUNK;
    memory.copy(copy, address, whole << 6);
  }
  const last = copy + (whole << 6);
  v128.store(last, zero);
  v128.store(last, zero, 16);
  v128.store(last, zero, 32);
  v128.store(last, zero, 48);
  memory.copy(last, address + (whole << 6), tail);
  compressChain(key, copy, whole + 1, tail, counter, flags, CHUNK_START, CHUNK_END | root, out);
}

// @ts-ignore: decorator
@inline
function parent(key: usize, pair: usize, flags: u32, root: u32, out: usize): void {
  compressChain(key, pair, 1, 64, 0, flags | PARENT | root, 0, 0, out);
}

/** The chaining values of up to 64 chunks into VALUES; answers how many. */
function leaves(key: usize, address: usize, length: u32, counter: u64, flags: u32): u32 {
  const full = length >> 10;
  let k: u32 = 0;
  for (; k + 4 <= full; k += 4) {
    compress4(key, address + (k << 10), 1024, 16, counter + k, 1, flags, CHUNK_START, CHUNK_END, VALUES + (k << 5));
  }
  for (; k < full; k++) {
    compressChain(key, address + (k << 10), 16, 64, counter + k, flags, CHUNK_START, CHUNK_END, VALUES + (k << 5));
  }
  if (length & 1023) {
    chunk(key, address + (k << 10), length & 1023, counter + k, flags, 0, VALUES + (k << 5));
    k++;
  }
  return k;
}

/** Pairs of neighbours become parents and an odd last one is carried up, until `target` values are left: the BLAKE3 tree. */
function reduce(key: usize, count: u32, target: u32, flags: u32): void {
  while (count > target) {
    const pairs = count >> 1;
    let i: u32 = 0;
    for (; i + 4 <= pairs; i += 4) {
      compress4(key, VALUES + (i << 6), 64, 1, 0, 0, flags | PARENT, 0, 0, VALUES + (i << 5));
    }
    for (; i < pairs; i++) parent(key, VALUES + (i << 6), flags, 0, VALUES + (i << 5));
    if (count & 1) copy32(VALUES + (pairs << 5), VALUES + ((count - 1) << 5));
    count = pairs + (count & 1);
  }
}

/** A whole subtree that is not the end of the input. */
function subtree(state: usize, address: usize): void {
  const key = state + STATE_KEY, flags = load<u32>(state, STATE_FLAGS), stack = state + STATE_STACK;
  let done = load<u64>(state, STATE_SUBTREES), depth = load<u32>(state, STATE_DEPTH);
  reduce(key, leaves(key, address, SUBTREE, done << 6, flags), 1, flags);
  copy32(stack + (depth << 5), VALUES);
  depth++;
  done++;
  store<u64>(state, done, STATE_SUBTREES);
  // As many merges as the count has trailing zeros: only complete subtrees of equal size become parents.
  for (; !(done & 1); done >>= 1) {
    depth--;
    const pair = stack + ((depth - 1) << 5);
    parent(key, pair, flags, 0, pair);
  }
  store<u32>(state, depth, STATE_DEPTH);
}

/** The last 1..65536 bytes (0 only where there is nothing before), and the root. */
function end(state: usize, address: usize, length: u32, out: usize): void {
  const key = state + STATE_KEY, flags = load<u32>(state, STATE_FLAGS), stack = state + STATE_STACK;
  let depth = load<u32>(state, STATE_DEPTH);
  if (depth == 0) {
    if (length <= 1024) {
      chunk(key, address, length, 0, flags, ROOT, out);
    } else {
      reduce(key, leaves(key, address, length, 0, flags), 2, flags);
      parent(key, VALUES, flags, ROOT, out);
    }
    return;
  }
  reduce(key, leaves(key, address, length, load<u64>(state, STATE_SUBTREES) << 6, flags), 1, flags);
  while (depth) {
    depth--;
    copy32(LAST_BLOCK, stack + (depth << 5));
    copy32(LAST_BLOCK + 32, VALUES);
    parent(key, LAST_BLOCK, flags, depth ? 0 : ROOT, VALUES);
  }
  copy32(out, VALUES);
}

function oneShot(key: usize, flags: u32, address: usize, length: u32, out: usize): void {
  if (length <= 1024) {
    chunk(key, address, length, 0, flags, ROOT, out);
    return;
  }
  begin(WHOLE, key, flags);
  while (length > SUBTREE) {
    subtree(WHOLE, address);
    address += SUBTREE;
    length -= SUBTREE;
  }
  end(WHOLE, address, length, out);
}

/** Keyed BLAKE3 of the input, 32 bytes to out. */
export function mac(address: usize, length: u32, out: usize): void {
  oneShot(KEY, KEYED, address, length, out);
}

/** Unkeyed BLAKE3 of the input, 32 bytes to out. */
export function hash(address: usize, length: u32, out: usize): void {
  oneShot(INITIAL, 0, address, length, out);
}

/** Starts a hasher at `state` (hasherBytes long, aligned to 16) with the MAC key of this moment. */
export function hasherReset(state: usize): void {
  begin(state, KEY, KEYED);
}

/** Starts a hasher without a key. */
export function hasherResetUnkeyed(state: usize): void {
  begin(state, INITIAL, 0);
}

/** Any number of bytes. Subtrees are hashed where they lie once it is certain that they are not the end. */
export function hasherUpdate(state: usize, address: usize, length: u32): void {
  const buffer = state + STATE_BUFFER;
  let buffered = load<u32>(state, STATE_BUFFERED);
  if (buffered != 0) {
    const part = min<u32>(SUBTREE - buffered, length);
    memory.copy(buffer + buffered, address, part);
    buffered += part;
    address += part;
    length -= part;
    if (length != 0) {
      subtree(state, buffer);
      buffered = 0;
    }
  }
  if (length != 0) {
    while (length > SUBTREE) {
      subtree(state, address);
      address += SUBTREE;
      length -= SUBTREE;
    }
    memory.copy(buffer, address, length);
    buffered = length;
  }
  store<u32>(state, buffered, STATE_BUFFERED);
}

/** 32 bytes to out; the state is unchanged, more may follow. */
export function hasherDigest(state: usize, out: usize): void {
  end(state, state + STATE_BUFFER, load<u32>(state, STATE_BUFFERED), out);
}
