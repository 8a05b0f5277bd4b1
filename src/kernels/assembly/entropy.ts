// Shannon entropy of bytes, in bits a byte: (n log2 n - sum of c log2 c) / n over the counts c of the byte values.

/** Four histograms of 256 u32: equal neighbours count in different ones, so that no store waits for the one before. */
const HISTOGRAMS: usize = memory.data(4096, 16);
/** c log2 c for small counts, computed when first needed (0 is "not yet"; it is also the value for 0 and 1). */
const LOGARITHMS: usize = memory.data(65536 * 8, 16);

// @ts-ignore: decorator
@external("env", "log2")
declare function log2(x: f64): f64;

// @ts-ignore: decorator
@inline
function countLogCount(c: u32): f64 {
  if (c >= 65536) return <f64>c * log2(<f64>c);
  const known = load<f64>(LOGARITHMS + (<usize>c << 3));
  return known != 0 || c < 2 ? known : remember(c);
}

function remember(c: u32): f64 {
  const value = <f64>c * log2(<f64>c);
  store<f64>(LOGARITHMS + (<usize>c << 3), value);
  return value;
}

// @ts-ignore: decorator
@inline
function count(byte: u64, histogram: usize): void {
  const at = HISTOGRAMS + histogram + (<usize>byte << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Fewer bytes than byte values: visit the counts by the bytes, and clear them on the way. */
function sumFew(address: usize, length: u32): f64 {
  let sum: f64 = 0;
  for (let i: u32 = 0; i < length; i++) count(load<u8>(address + i), 0);
  for (let i: u32 = 0; i < length; i++) {
    const at = HISTOGRAMS + (<usize>load<u8>(address + i) << 2), c = load<u32>(at);
    if (c != 0) {
      sum += countLogCount(c);
      store<u32>(at, 0);
    }
  }
  return sum;
}

function countAll(address: usize, length: u32): void {
  let p = address;
  const end = address + length;
  for (; p + 8 <= end; p += 8) {
    const word = load<u64>(p);
    count(word & 255, 0);
    count((word >> 8) & 255, 1024);
    count((word >> 16) & 255, 2048);
    count((word >> 24) & 255, 3072);
    count((word >> 32) & 255, 0);
    count((word >> 40) & 255, 1024);
    count((word >> 48) & 255, 2048);
    count(word >> 56, 3072);
  }
  for (; p < end; p++) count(load<u8>(p), 0);
}

/** Adds the four histograms up, clears them, and sums in the order of the byte values. */
function sumAll(): f64 {
  let sum: f64 = 0;
  const zero = i32x4.splat(0);
  for (let at: usize = HISTOGRAMS; at < HISTOGRAMS + 1024; at += 16) {
    const low = i32x4.add(v128.load(at), v128.load(at, 1024)), high = i32x4.add(v128.load(at, 2048), v128.load(at, 3072));
    const counts = i32x4.add(low, high);
    v128.store(at, zero);
    v128.store(at, zero, 1024);
    v128.store(at, zero, 2048);
    v128.store(at, zero, 3072);
    sum += countLogCount(i32x4.extract_lane(counts, 0));
    sum += countLogCount(i32x4.extract_lane(counts, 1));
    sum += countLogCount(i32x4.extract_lane(counts, 2));
    sum += countLogCount(i32x4.extract_lane(counts, 3));
  }
  return sum;
}

export function entropy(address: usize, length: u32): f64 {
  if (length == 0) return 0;
  let sum: f64;
  if (length < 128) {
    sum = sumFew(address, length);
  } else {
    countAll(address, length);
    sum = sumAll();
  }
  const bits = (countLogCount(length) - sum) / <f64>length;
  return bits <= 0 ? 0 : bits; // also turns -0 and rounding below zero into 0
}
