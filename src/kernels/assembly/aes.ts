// The AES-256 key schedule (FIPS 197, section 5.2) in constant time. From the second on, round keys carry the 0x63 that
// the S-box of aes-rounds.ts leaves out: MixColumns does not change a vector of equal bytes.
import { substitute } from "./generated/aes-rounds";
export { encryptBlock, encryptBlocks2 } from "./generated/aes-rounds";

/** 15 round keys of 16 bytes. */
export const ROUND_KEYS_BYTES: i32 = 240;

const WORD: usize = memory.data(16, 16);

// @ts-ignore: decorator
@inline
function substituted(v: v128): v128 {
  v128.store(WORD, v);
  substitute(WORD, WORD);
  return v128.load(WORD);
}

/** Each word xored with all words before it. */
// @ts-ignore: decorator
@inline
function ladder(k: v128): v128 {
  const zero = i32x4.splat(0);
  k = v128.xor(k, i32x4.shuffle(zero, k, 0, 4, 5, 6));
  return v128.xor(k, i32x4.shuffle(zero, k, 0, 0, 4, 5));
}

/** Expands the 32 bytes at `key` into the round keys at `out`. */
export function expandKey(key: usize, out: usize): void {
  const constant = i8x16.splat(0x63);
  let a = v128.load(key), b = v128.load(key, 16), roundConstant: i32 = 1;
  v128.store(out, a);
  v128.store(out, v128.xor(b, constant), 16);
  for (let o: usize = 32; ; o += 32) {
    const turned = substituted(b); // RotWord of the last word, in all four
    a = v128.xor(ladder(a), i8x16.shuffle(turned, turned, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12));
    a = v128.xor(a, i32x4.splat(roundConstant));
    roundConstant <<= 1;
    v128.store(out + o, v128.xor(a, constant));
    if (o == 224) break;
    const straight = substituted(a);
    b = v128.xor(ladder(b), i32x4.shuffle(straight, straight, 3, 3, 3, 3));
    v128.store(out + o, v128.xor(b, constant), 16);
  }
}
