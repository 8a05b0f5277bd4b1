// Writes generated/polyval-multiply.ts: products in POLYVAL's field (RFC 8452, section 3) with integer multiplies only.
// A carry-less 64 x 64 product is made of ordinary ones by splitting each factor into four pieces that hold every fourth
// bit, so that carries fall into holes (Pornin, BearSSL's ghash_ctmul64). That gives the low 64 bits; the high ones are
// the low ones of the bit-reversed factors. Three such products make 128 x 128 (Karatsuba).
import { heading } from "./text.ts";

const masks = ["M0", "M1", "M2", "M3"];

/** acc ^= the low 64 bits of x times the pieces at \`pieces\` + offset. */
function multiplyLow(x: string, offset: number, accumulator: string): string {
  const split = masks.map((mask, i) => `x${i} = ${x} & ${mask};`).join(" ");
  const load = masks.map((_, i) => `y${i} = load<u64>(pieces, ${offset + 8 * i});`).join(" ");
  const sums = masks.map((mask, i) => {
    const products = [0, 1, 2, 3].map((j) => `(x${j} * y${(i - j + 4) % 4})`);
    return `((${products.join(" ^ ")}) & ${mask})`;
  });
  return `  ${split}\n  ${load}\n  ${accumulator} ^= ${sums.slice(0, 2).join(" | ")}\n    | ${sums.slice(2).join(" | ")};\n`;
}

/** Adds the product of a block and a power of H (0 for H itself) to the six accumulators. */
function multiplyBlock(block: string, power: number): string {
  const offsets = [0, 32, 64].map((o) => o);
  const half = (vector: string, base: number, accumulators: string[]): string =>
    `  u = i64x2.extract_lane(${vector}, 0); v = i64x2.extract_lane(${vector}, 1); w = u ^ v;\n` +
    ["u", "v", "w"].map((x, i) => multiplyLow(x, base + (offsets[i] as number), accumulators[i] as string)).join("");
  return (
    `  straight = ${block}; reversed = reverseBits(straight); pieces = PIECES + ${power * 192};\n` +
    half("straight", 0, ["low0", "low1", "low2"]) +
    half("reversed", 96, ["high0", "high1", "high2"])
  );
}

const locals = `  let x0: u64, x1: u64, x2: u64, x3: u64, y0: u64, y1: u64, y2: u64, y3: u64, u: u64, v: u64, w: u64;
  let low0: u64 = 0, low1: u64 = 0, low2: u64 = 0, high0: u64 = 0, high1: u64 = 0, high2: u64 = 0;
  let straight: v128, reversed: v128, pieces: usize;
`;

const preamble = `const M0: u64 = 0x1111111111111111, M1: u64 = 0x2222222222222222, M2: u64 = 0x4444444444444444, M3: u64 = 0x8888888888888888;

/** For each of H, H^2, H^3, H^4: four pieces of low, high, low ^ high, and the same bit-reversed. */
const PIECES: usize = memory.data(4 * 192, 16);

/** Each 64-bit half with its bits in reverse: nibbles by swizzle, bytes by shuffle. Indexes are below 16. */
// @ts-ignore: decorator
@inline
function reverseBits(x: v128): v128 {
  const table = i8x16(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), low = i8x16.splat(15);
  const high = i8x16.relaxed_swizzle(table, v128.and(i32x4.shr_u(x, 4), low));
  const y = v128.or(i32x4.shl(i8x16.relaxed_swizzle(table, v128.and(x, low)), 4), high);
  return i8x16.shuffle(y, y, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
}

function split(to: usize, x: u64): void {
  store<u64>(to, x & M0);
  store<u64>(to, x & M1, 8);
  store<u64>(to, x & M2, 16);
  store<u64>(to, x & M3, 24);
}

/** Prepares the power of H in slot \`power\` (0 for H). */
export function setPower(power: usize, value: v128): void {
  const to = PIECES + power * 192, reversed = reverseBits(value);
  const low = <u64>i64x2.extract_lane(value, 0), high = <u64>i64x2.extract_lane(value, 1);
  const lowReversed = <u64>i64x2.extract_lane(reversed, 0), highReversed = <u64>i64x2.extract_lane(reversed, 1);
  split(to, low);
  split(to + 32, high);
  split(to + 64, low ^ high);
  split(to + 96, lowReversed);
  split(to + 128, highReversed);
  split(to + 160, lowReversed ^ highReversed);
}

/** Forgets the powers. */
export function clearPowers(): void {
  memory.fill(PIECES, 0, 4 * 192);
}

/** Joins the six products to 256 bits and reduces them modulo x^128 + x^127 + x^126 + x^121 + 1, times x^-128. */
// @ts-ignore: decorator
@inline
function fold(low0: u64, low1: u64, low2: u64, high0: u64, high1: u64, high2: u64): v128 {
  low2 ^= low0 ^ low1;
  high2 ^= high0 ^ high1;
  const outer = reverseBits(i64x2.replace_lane(i64x2.splat(high0), 1, high1)), middle = reverseBits(i64x2.splat(high2));
  let v0 = low0;
  let v1 = low2 ^ (<u64>i64x2.extract_lane(outer, 0) >> 1);
  let v2 = low1 ^ (<u64>i64x2.extract_lane(middle, 0) >> 1);
  let v3 = <u64>i64x2.extract_lane(outer, 1) >> 1;
  v1 ^= (v0 << 63) ^ (v0 << 62) ^ (v0 << 57);
  v2 ^= v0 ^ (v0 >> 1) ^ (v0 >> 2) ^ (v0 >> 7);
  v2 ^= (v1 << 63) ^ (v1 << 62) ^ (v1 << 57);
  v3 ^= v1 ^ (v1 >> 1) ^ (v1 >> 2) ^ (v1 >> 7);
  return i64x2.replace_lane(i64x2.splat(v2), 1, v3);
}
`;

/** The text of generated/polyval-multiply.ts. */
export function polyvalMultiply(): string {
  return `${heading("polyval.ts", "Products in POLYVAL's field in constant time.")}${preamble}
/** a * H */
export function multiply1(a: v128): v128 {
${locals}${multiplyBlock("a", 0)}  return fold(low0, low1, low2, high0, high1, high2);
}

/** a * H^4 + b * H^3 + c * H^2 + d * H, with one reduction */
export function multiply4(a: v128, b: v128, c: v128, d: v128): v128 {
${locals}${multiplyBlock("a", 3)}${multiplyBlock("b", 2)}${multiplyBlock("c", 1)}${multiplyBlock("d", 0)}  return fold(low0, low1, low2, high0, high1, high2);
}
`;
}
