/** Shannon entropy in bits a byte, by its definition: the sum of -p log2 p. */
export function shannonEntropy(input: Uint8Array): number {
  const counts = new Map<number, number>();
  for (const byte of input) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / input.length) * Math.log2(count / input.length);
  return Math.max(bits, 0);
}
