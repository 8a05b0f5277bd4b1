/** BLAKE3 as its paper (2020) describes it, section 2; 32 bytes of output, hash and keyed_hash modes only. */

const initial = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const;
const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8] as const;
const mixes = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;
const flags = { chunkStart: 1, chunkEnd: 2, parent: 4, root: 8, keyed: 16 } as const;
const chunkBytes = 1024;
const blockBytes = 64;

function rotate(x: number, by: number): number {
  return (x >>> by) | (x << (32 - by));
}

function mix(state: Uint32Array, places: readonly number[], x: number, y: number): void {
  const [a, b, c, d] = places as [number, number, number, number];
  const word = (i: number): number => state[i] as number;
  state[a] = word(a) + word(b) + x;
  state[d] = rotate(word(d) ^ word(a), 16);
  state[c] = word(c) + word(d);
  state[b] = rotate(word(b) ^ word(c), 12);
  state[a] = word(a) + word(b) + y;
  state[d] = rotate(word(d) ^ word(a), 8);
  state[c] = word(c) + word(d);
  state[b] = rotate(word(b) ^ word(c), 7);
}

function compress(chain: Uint32Array, block: Uint8Array, counter: number, length: number, flag: number): Uint32Array {
  const padded = new Uint8Array(blockBytes);
  padded.set(block);
  const view = new DataView(padded.buffer);
  let words = Array.from({ length: 16 }, (_, i) => view.getUint32(4 * i, true));
  const state = new Uint32Array(16);
  state.set(chain);
  state.set(initial.slice(0, 4), 8);
  state.set([counter, Math.floor(counter / 2 ** 32), length, flag], 12);
  for (let round = 0; round < 7; round++) {
    mixes.forEach((places, i) => {
      mix(state, places, words[2 * i] as number, words[2 * i + 1] as number);
    });
    words = permutation.map((i) => words[i] as number);
  }
  return state.subarray(0, 8).map((word, i) => word ^ (state[i + 8] as number));
}

function chunk(key: Uint32Array, input: Uint8Array, counter: number, base: number, root: number): Uint32Array {
  let chain = key;
  const blocks = Math.max(1, Math.ceil(input.length / blockBytes));
  for (let b = 0; b < blocks; b++) {
    const block = input.subarray(b * blockBytes, (b + 1) * blockBytes);
    const start = b === 0 ? flags.chunkStart : 0;
    const end = b === blocks - 1 ? flags.chunkEnd | root : 0;
    chain = compress(chain, block, counter, block.length, base | start | end);
  }
  return chain;
}

/** The left subtree is the largest power of two of chunks that leaves at least a byte for the right one. */
function tree(key: Uint32Array, input: Uint8Array, counter: number, base: number, root: number): Uint32Array {
  if (input.length <= chunkBytes) return chunk(key, input, counter, base, root);
  let left = chunkBytes;
  while (left * 2 < input.length) left *= 2;
  const block = new Uint8Array(blockBytes);
  block.set(toBytes(tree(key, input.subarray(0, left), counter, base, 0)));
  block.set(toBytes(tree(key, input.subarray(left), counter + left / chunkBytes, base, 0)), 32);
  return compress(key, block, 0, blockBytes, base | flags.parent | root);
}

function toBytes(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  return bytes;
}

/** 32 bytes; with a key of 32 bytes the keyed hash. */
export function blake3(input: Uint8Array, key?: Uint8Array): Uint8Array {
  if (key === undefined) return toBytes(tree(Uint32Array.from(initial), input, 0, 0, flags.root));
  const view = new DataView(key.buffer, key.byteOffset, 32);
  const words = Uint32Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, true));
  return toBytes(tree(words, input, 0, flags.keyed, flags.root));
}
