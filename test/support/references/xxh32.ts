/** xxHash, 32 bits, seed 0, as its specification describes it. */

const primes = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** Unsigned. */
export function xxh32(input: Uint8Array): number {
  const [p1, p2, p3, p4, p5] = primes;
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let at = 0;
  let hash = p5 as number;
  if (input.length >= 16) {
    const lanes = [p1 + p2, p2, 0, -p1];
    for (; at + 16 <= input.length; at += 16) {
      for (let i = 0; i < 4; i++) {
        const sum = (lanes[i] as number) + Math.imul(view.getUint32(at + 4 * i, true), p2);
        lanes[i] = Math.imul(rotate(sum | 0, 13), p1);
      }
    }
    hash = [1, 7, 12, 18].reduce((sum, by, i) => sum + rotate(lanes[i] as number, by), 0);
  }
  hash = (hash + input.length) | 0;
  for (; at + 4 <= input.length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(view.getUint32(at, true), p3)) | 0, 17), p4);
  }
  for (; at < input.length; at++) hash = Math.imul(rotate((hash + Math.imul(view.getUint8(at), p5)) | 0, 11), p1);
  hash = Math.imul(hash ^ (hash >>> 15), p2);
  hash = Math.imul(hash ^ (hash >>> 13), p3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
