// POLYVAL (RFC 8452, section 3) in constant time: no branch and no address depends on the key or the text.
// Short inputs go four blocks a reduction through integer multiplies. Long ones go sixteen blocks at a time: bytes are
// transposed so that vector i holds byte i of every block, and the product of each byte with H^16 is looked up nibble by
// nibble in vectors of 16, seventeen bytes wide, which one swizzle does for sixteen blocks.
import { clearPowers, multiply1, multiply4, setPower } from "./generated/polyval-multiply";
import { transpose } from "./generated/transpose";
export { multiply1 } from "./generated/polyval-multiply";

const H4: usize = memory.data(16, 16);
const H16: usize = memory.data(16, 16);
/** For byte j of the product, the 16 multiples of H^16 by a low nibble, then those by a high nibble. */
const MULTIPLES: usize = memory.data(17 * 32, 16);
/** What a byte that is reduced away adds 15 and 16 bytes further up, by low and high nibble. */
const REDUCTION: usize = memory.data(64, 16);
const BLOCKS: usize = memory.data(256, 16);
const SUMS: usize = memory.data(256, 16);
const PRODUCT: usize = memory.data(512, 16);

/** Takes the 16 bytes of H. */
export function polyvalKey(h: usize): void {
  const h1 = v128.load(h);
  setPower(0, h1);
  const h2 = multiply1(h1);
  setPower(1, h2);
  const h3 = multiply1(h2);
  setPower(2, h3);
  const h4 = multiply1(h3);
  setPower(3, h4);
  v128.store(H4, h4);
}

/** The sum continued over length bytes, a multiple of 16. */
export function polyvalShort(sum: v128, address: usize, length: u32): v128 {
  let i: u32 = 0;
  for (; i + 64 <= length; i += 64) {
    const p = address + i;
    sum = multiply4(v128.xor(sum, v128.load(p)), v128.load(p, 16), v128.load(p, 32), v128.load(p, 48));
  }
  for (; i < length; i += 16) sum = multiply1(v128.xor(sum, v128.load(address + i)));
  return sum;
}

// Indexes are nibbles, for which the relaxed swizzle is defined exactly as the plain one.
// @ts-ignore: decorator
@inline
function look(table: v128, index: v128): v128 {
  return i8x16.relaxed_swizzle(table, index);
}

// @ts-ignore: decorator
@inline
function storeMultiple(at: usize, low: u64, high: u64, top: u64): void {
  for (let j: u32 = 0; j < 8; j++) {
    store<u8>(at + (j << 5), <u8>(low >> (j << 3)));
    store<u8>(at + ((j + 8) << 5), <u8>(high >> (j << 3)));
  }
  store<u8>(at + (16 << 5), <u8>top);
}

/** The multiples of the 16 bytes at `factor` by every nibble, as sums under masks: no branch on its bits is needed. */
function setMultiples(factor: usize): void {
  const low = load<u64>(factor), high = load<u64>(factor, 8);
  for (let n: u32 = 0; n < 16; n++) {
    let a0: u64 = 0, a1: u64 = 0, a2: u64 = 0;
    for (let b: u32 = 0; b < 4; b++) {
      const mask: u64 = 0 - <u64>((n >> b) & 1);
      a0 ^= (low << b) & mask;
      a1 ^= (b ? (high << b) | (low >> (64 - b)) : high) & mask;
      a2 ^= (b ? high >> (64 - b) : 0) & mask;
    }
    storeMultiple(MULTIPLES + n, a0, a1, a2);
    storeMultiple(MULTIPLES + 16 + n, a0 << 4, (a1 << 4) | (a0 >> 60), (a2 << 4) | (a1 >> 60));
    const h = n << 4;
    store<u8>(REDUCTION + n, <u8>((n << 1) ^ (n << 6) ^ (n << 7)));
    store<u8>(REDUCTION + n, <u8>((h << 1) ^ (h << 6) ^ (h << 7)), 16);
    store<u8>(REDUCTION + n, <u8>(n ^ (n >> 1) ^ (n >> 2) ^ (n >> 7)), 32);
    store<u8>(REDUCTION + n, <u8>(h ^ (h >> 1) ^ (h >> 2) ^ (h >> 7)), 48);
  }
}

/** PRODUCT = SUMS times H^16, 32 bytes wide; four bytes of the sums at a time, so that a row is read and written once. */
function multiplyWide(): void {
  const low = i8x16.splat(15);
  memory.fill(PRODUCT, 0, 512);
  for (let g: usize = 0; g < 256; g += 64) {
    const q = SUMS + g;
    const x0 = v128.load(q), x1 = v128.load(q, 16), x2 = v128.load(q, 32), x3 = v128.load(q, 48);
    const l0 = v128.and(x0, low), l1 = v128.and(x1, low), l2 = v128.and(x2, low), l3 = v128.and(x3, low);
    const h0 = v128.and(i32x4.shr_u(x0, 4), low), h1 = v128.and(i32x4.shr_u(x1, 4), low);
    const h2 = v128.and(i32x4.shr_u(x2, 4), low), h3 = v128.and(i32x4.shr_u(x3, 4), low);
    let a0 = i8x16.splat(0), a1 = a0, a2 = a0, a3 = a0, out = PRODUCT + g;
    for (let t: usize = MULTIPLES; t < MULTIPLES + 17 * 32; t += 32) {
      const u = v128.load(t), v = v128.load(t, 16);
      a0 = v128.xor(a0, v128.xor(look(u, l0), look(v, h0)));
      a1 = v128.xor(a1, v128.xor(look(u, l1), look(v, h1)));
      a2 = v128.xor(a2, v128.xor(look(u, l2), look(v, h2)));
      a3 = v128.xor(a3, v128.xor(look(u, l3), look(v, h3)));
      v128.store(out, v128.xor(v128.load(out), a0));
      out += 16;
      a0 = a1;
      a1 = a2;
      a2 = a3;
      a3 = i8x16.splat(0);
    }
    v128.store(out, v128.xor(v128.load(out), a0));
    v128.store(out, v128.xor(v128.load(out, 16), a1), 16);
    v128.store(out, v128.xor(v128.load(out, 32), a2), 32);
  }
}

/** SUMS = PRODUCT reduced: each of the low 16 bytes, from the lowest on, is folded 15 and 16 bytes up. */
function reduceWide(): void {
  const low = i8x16.splat(15);
  const r0 = v128.load(REDUCTION), r1 = v128.load(REDUCTION, 16), r2 = v128.load(REDUCTION, 32), r3 = v128.load(REDUCTION, 48);
  for (let i: usize = 0; i < 256; i += 16) {
    const q = PRODUCT + i, byte = v128.load(q);
    const l = v128.and(byte, low), h = v128.and(i32x4.shr_u(byte, 4), low);
    v128.store(q, v128.xor(v128.load(q, 240), v128.xor(look(r0, l), look(r1, h))), 240);
    v128.store(q, v128.xor(v128.load(q, 256), v128.xor(look(r2, l), look(r3, h))), 256);
  }
  memory.copy(SUMS, PRODUCT + 256, 256);
}

/** The sum continued over length bytes, a multiple of 256 that is not zero. */
export function polyvalLong(sum: v128, address: usize, length: u32): v128 {
  const zero = i64x2.splat(0);
  const h8 = multiply4(v128.load(H4), zero, zero, zero), h12 = multiply4(h8, zero, zero, zero);
  v128.store(H16, multiply4(h12, zero, zero, zero));
  setMultiples(H16);
  v128.store(BLOCKS, v128.xor(v128.load(address), sum));
  memory.copy(BLOCKS + 16, address + 16, 240);
  transpose(BLOCKS, SUMS, false);
  for (let i: u32 = 256; i < length; i += 256) {
    multiplyWide();
    reduceWide();
    transpose(address + i, SUMS, true);
  }
  transpose(SUMS, BLOCKS, false);
  return polyvalShort(zero, BLOCKS, 256);
}

/** Overwrites what was derived from a key. */
export function polyvalForget(): void {
  clearPowers();
  memory.fill(H4, 0, 16);
  memory.fill(H16, 0, 16);
  memory.fill(MULTIPLES, 0, 17 * 32);
  memory.fill(BLOCKS, 0, 256);
  memory.fill(SUMS, 0, 256);
  memory.fill(PRODUCT, 0, 512);
}
