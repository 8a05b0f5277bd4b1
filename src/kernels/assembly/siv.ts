// AES-256-GCM-SIV (RFC 8452) without additional data, in constant time. A sealed text is nonce (12) || ciphertext || tag (16).
// Small texts are done here as a whole. For large ones the host's AES is faster: sivBegin leaves the counter blocks and
// the message key, the host encrypts the blocks as they are (ECB), and sivFinish xors that keystream in.
import { encryptBlock, encryptBlocks2, expandKey, ROUND_KEYS_BYTES } from "./aes";
import { multiply1, polyvalForget, polyvalKey, polyvalLong, polyvalShort } from "./polyval";

const KEY: usize = memory.data(32, 16);
const KEY_ROUNDS: usize = memory.data(ROUND_KEYS_BYTES, 16);
const MESSAGE_KEY: usize = memory.data(32, 16);
const MESSAGE_ROUNDS: usize = memory.data(ROUND_KEYS_BYTES, 16);
const DERIVATION: usize = memory.data(96, 16);
const AUTHENTICATION_KEY: usize = memory.data(16, 16);
const LAST_BLOCK: usize = memory.data(16, 16);
const NONCE: usize = memory.data(16, 16);
const TAG: usize = memory.data(16, 16);
const EXPECTED: usize = memory.data(16, 16);
const KEYSTREAM: usize = memory.data(32, 16);

/** From here on, the tables of the wide POLYVAL are worth their set-up (measured). */
const LONG: u32 = 1024;

/** Where the host writes the 32-byte key before sivKeyExpand. */
export function sivKeyAddress(): usize {
  return KEY;
}

/** Where sivBegin leaves the 32-byte key that encrypts the counter blocks. */
export function sivMessageKeyAddress(): usize {
  return MESSAGE_KEY;
}

export function sivKeyExpand(): void {
  expandKey(KEY, KEY_ROUNDS);
}

/** Section 4: the keys of one message, from the key and the nonce at NONCE. */
function derive(): void {
  for (let i: u32 = 0; i < 6; i++) {
    const block = DERIVATION + (i << 4);
    store<u32>(block, i);
    store<u64>(block, load<u64>(NONCE), 4);
    store<u32>(block, load<u32>(NONCE, 8), 12);
  }
  for (let i: usize = 0; i < 96; i += 32) encryptBlocks2(KEY_ROUNDS, DERIVATION + i, DERIVATION + i);
  store<u64>(AUTHENTICATION_KEY, load<u64>(DERIVATION));
  store<u64>(AUTHENTICATION_KEY, load<u64>(DERIVATION, 16), 8);
  for (let i: u32 = 0; i < 4; i++) store<u64>(MESSAGE_KEY + (i << 3), load<u64>(DERIVATION + ((i + 2) << 4)));
  expandKey(MESSAGE_KEY, MESSAGE_ROUNDS);
}

/** The tag of the text, to `out`; after derive(). */
function authenticate(address: usize, length: u32, out: usize): void {
  polyvalKey(AUTHENTICATION_KEY);
  let sum = i64x2.splat(0), done: u32 = 0;
  if (length >= LONG) {
    done = length & ~255;
    sum = polyvalLong(sum, address, done);
  }
  const whole = length & ~15;
  sum = polyvalShort(sum, address + done, whole - done);
  if (whole < length) {
    v128.store(LAST_BLOCK, i64x2.splat(0));
    memory.copy(LAST_BLOCK, address + whole, length - whole);
    sum = multiply1(v128.xor(sum, v128.load(LAST_BLOCK)));
  }
  sum = multiply1(v128.xor(sum, i64x2.replace_lane(i64x2.splat(0), 1, <u64>length << 3)));
  v128.store(out, sum);
  store<u64>(out, load<u64>(out) ^ load<u64>(NONCE));
  store<u32>(out, load<u32>(out, 8) ^ load<u32>(NONCE, 8), 8);
  store<u8>(out, load<u8>(out, 15) & 0x7f, 15);
  encryptBlock(MESSAGE_ROUNDS, out, out);
}

// @ts-ignore: decorator
@inline
function firstCounter(tag: usize): v128 {
  return v128.or(v128.load(tag), i32x4(0, 0, 0, 0x80000000));
}

/** The counter is the first 32 bits and wraps, as the RFC wants. */
// @ts-ignore: decorator
@inline
function next(counter: v128): v128 {
  return i32x4.add(counter, i32x4(1, 0, 0, 0));
}

/** Encrypts or decrypts in counter mode; `to` may be `from`. */
function counterMode(from: usize, length: u32, to: usize, tag: usize): void {
  let counter = firstCounter(tag);
  for (let i: u32 = 0; i < length; i += 32) {
    v128.store(KEYSTREAM, counter);
    counter = next(counter);
    v128.store(KEYSTREAM, counter, 16);
    counter = next(counter);
    if (length - i > 16) encryptBlocks2(MESSAGE_ROUNDS, KEYSTREAM, KEYSTREAM);
    else encryptBlock(MESSAGE_ROUNDS, KEYSTREAM, KEYSTREAM);
    if (i + 32 <= length) {
      v128.store(to + i, v128.xor(v128.load(from + i), v128.load(KEYSTREAM)));
      v128.store(to + i, v128.xor(v128.load(from + i, 16), v128.load(KEYSTREAM, 16)), 16);
    } else {
      for (let j: u32 = 0; i + j < length; j++) store<u8>(to + i + j, load<u8>(from + i + j) ^ load<u8>(KEYSTREAM + j));
    }
  }
}

function writeCounters(counters: usize, length: u32, tag: usize): void {
  let counter = firstCounter(tag);
  for (let i: u32 = 0; i < length; i += 16) {
    v128.store(counters + i, counter);
    counter = next(counter);
  }
}

function applyKeystream(from: usize, length: u32, to: usize, keystream: usize): void {
  let i: u32 = 0;
  for (; i + 16 <= length; i += 16) v128.store(to + i, v128.xor(v128.load(from + i), v128.load(keystream + i)));
  for (; i < length; i++) store<u8>(to + i, load<u8>(from + i) ^ load<u8>(keystream + i));
}

function tagOf(nonce: usize, address: usize, length: u32): void {
  memory.copy(NONCE, nonce, 12);
  derive();
  authenticate(address, length, TAG);
}

/** Compares all 16 bytes whatever they are; a wrong text does not stay in memory. */
function verify(text: usize, length: u32): u32 {
  authenticate(text, length, EXPECTED);
  const difference = v128.xor(v128.load(EXPECTED), v128.load(TAG));
  if (!v128.any_true(difference)) return 1;
  memory.fill(text, 0, length);
  return 0;
}

function takeSealed(sealed: usize, length: u32): void {
  memory.copy(NONCE, sealed, 12);
  memory.copy(TAG, sealed + 12 + length, 16);
  derive();
}

/** Seals length bytes to out, length + 28 bytes. out + 12 may be the address of the text. */
export function sivSeal(nonce: usize, address: usize, length: u32, out: usize): void {
  tagOf(nonce, address, length);
  counterMode(address, length, out + 12, TAG);
  memory.copy(out, NONCE, 12);
  memory.copy(out + 12 + length, TAG, 16);
}

/** Opens a sealed text with length bytes of plaintext; 0 and zeros where it is not genuine. out may be sealed + 12. */
export function sivOpen(sealed: usize, length: u32, out: usize): u32 {
  takeSealed(sealed, length);
  counterMode(sealed + 12, length, out, TAG);
  return verify(out, length);
}

/** First half of sealing: nonce and tag to out, counter blocks to `counters` (length rounded up to 16). */
export function sivBegin(nonce: usize, address: usize, length: u32, out: usize, counters: usize): void {
  tagOf(nonce, address, length);
  memory.copy(out, NONCE, 12);
  memory.copy(out + 12 + length, TAG, 16);
  writeCounters(counters, length, TAG);
}

/** Second half of sealing: ciphertext to out + 12. */
export function sivFinish(address: usize, length: u32, out: usize, keystream: usize): void {
  applyKeystream(address, length, out + 12, keystream);
}

/** First half of opening: counter blocks to `counters`. */
export function sivOpenBegin(sealed: usize, length: u32, counters: usize): void {
  takeSealed(sealed, length);
  writeCounters(counters, length, TAG);
}

/** Second half of opening, right after the first; 0 and zeros where the text is not genuine. */
export function sivOpenFinish(sealed: usize, length: u32, out: usize, keystream: usize): u32 {
  applyKeystream(sealed + 12, length, out, keystream);
  return verify(out, length);
}

/** Overwrites all keys and what was derived from them. */
export function sivForget(): void {
  memory.fill(KEY, 0, 32);
  memory.fill(KEY_ROUNDS, 0, ROUND_KEYS_BYTES);
  memory.fill(MESSAGE_KEY, 0, 32);
  memory.fill(MESSAGE_ROUNDS, 0, ROUND_KEYS_BYTES);
  memory.fill(DERIVATION, 0, 96);
  memory.fill(AUTHENTICATION_KEY, 0, 16);
  memory.fill(LAST_BLOCK, 0, 16);
  memory.fill(KEYSTREAM, 0, 32);
  polyvalForget();
}
