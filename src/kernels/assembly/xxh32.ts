// xxHash, 32 bits, seed 0 (the checksum of LZ4 frames): doc/xxhash_spec.md of the xxHash project.
const P1: u32 = 2654435761;
const P2: u32 = 2246822519;
const P3: u32 = 3266489917;
const P4: u32 = 668265263;
const P5: u32 = 374761393;

// @ts-ignore: decorator
@inline
function lane(accumulator: u32, at: usize): u32 {
  return rotl(accumulator + load<u32>(at) * P2, 13) * P1;
}

export function xxh32(address: usize, length: u32): u32 {
  let p = address, hash: u32 = P5;
  const end = address + length;
  if (length >= 16) {
    let a: u32 = P1 + P2, b: u32 = P2, c: u32 = 0, d: u32 = 0 - P1;
    for (; p + 16 <= end; p += 16) {
      a = lane(a, p);
      b = lane(b, p + 4);
      c = lane(c, p + 8);
      d = lane(d, p + 12);
    }
    hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
  }
  hash += length;
  for (; p + 4 <= end; p += 4) hash = rotl(hash + load<u32>(p) * P3, 17) * P4;
  for (; p < end; p++) hash = rotl(hash + <u32>load<u8>(p) * P5, 11) * P1;
  hash = (hash ^ (hash >> 15)) * P2;
  hash = (hash ^ (hash >> 13)) * P3;
  return hash ^ (hash >> 16);
}
