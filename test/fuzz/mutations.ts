import type { SeededRandom } from "../../src/foundation/index.ts";

/** What means most to msgpack, LZ4 and our own layouts. */
const telling = [
  ...[0, 1, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xcb, 0xcf, 0xd3, 0xd6],
  ...[0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xfe, 0xff],
];
/** Lengths and offsets that are larger than everything, or turn negative. */
const blowups = [0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 0x0100_0000, 0x00ff_ffff, 0xffff, 0x8000];
const MAX_CHANGES = 6;
const MAX_RANGE_BYTES = 200;
/** So that a doubled range doubled again does not grow without end. */
const MAX_BYTES = 1 << 16;

type Mutation = (bytes: Buffer, random: SeededRandom, others: readonly Uint8Array[]) => Buffer;

const mutations: readonly Mutation[] = [
  (bytes, random) => at(bytes, random, (place) => (bytes[place] as number) ^ (1 << random.below(8))),
  (bytes, random) => at(bytes, random, () => telling[random.below(telling.length)] as number),
  (bytes, random) => at(bytes, random, () => random.below(256)),
  blowUp,
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  doubleRange,
  (bytes, random) => withoutRange(bytes, random.below(bytes.length + 1), random.below(MAX_RANGE_BYTES)),
  (bytes, random) => inserted(bytes, random.below(bytes.length + 1), random.bytes(random.below(40))),
  spliceIn,
  (bytes, random, others) => inserted(bytes, random.below(bytes.length + 1), pieceOf(others, random)),
];

/** A valid encoding changed in a few ways; now and then bytes that never were one. */
export function mutated(seeds: readonly Uint8Array[], random: SeededRandom): Buffer {
  if (random.below(12) === 0) return Buffer.from(random.bytes(random.below(400)));
  let bytes: Buffer = Buffer.from(seeds[random.below(seeds.length)] as Uint8Array);
  for (let change = random.below(MAX_CHANGES); change >= 0; change--) {
    const mutate = mutations[random.below(mutations.length)] as Mutation;
    bytes = mutate(bytes, random, seeds).subarray(0, MAX_BYTES);
  }
  return Buffer.from(bytes);
}

function at(bytes: Buffer, random: SeededRandom, value: (place: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const place = random.below(bytes.length);
  bytes[place] = value(place);
  return bytes;
}

function blowUp(bytes: Buffer, random: SeededRandom): Buffer {
  if (bytes.length < 4) return bytes;
  const place = random.below(bytes.length - 3);
  const value = blowups[random.below(blowups.length)] as number;
  if (random.below(2) === 0) bytes.writeUInt32LE(value, place);
  else bytes.writeUInt32BE(value, place);
  return bytes;
}

function doubleRange(bytes: Buffer, random: SeededRandom): Buffer {
  const start = random.below(bytes.length + 1);
  const range = bytes.subarray(start, start + random.below(MAX_RANGE_BYTES));
  return Buffer.concat([bytes.subarray(0, start), range, range, bytes.subarray(start + range.length)]);
}

function spliceIn(bytes: Buffer, random: SeededRandom, others: readonly Uint8Array[]): Buffer {
  const piece = pieceOf(others, random);
  const start = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(start + piece.length)]);
}

function pieceOf(others: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  const other = others[random.below(others.length)] as Uint8Array;
  const start = random.below(other.length + 1);
  return other.subarray(start, start + random.below(MAX_RANGE_BYTES));
}

function withoutRange(bytes: Buffer, start: number, length: number): Buffer {
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
}

function inserted(bytes: Buffer, place: number, piece: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, place), piece, bytes.subarray(place)]);
}
