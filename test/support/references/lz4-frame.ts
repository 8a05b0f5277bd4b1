import { xxh32 } from "./xxh32.ts";

/** Reads a single LZ4 frame to the end of the input by its specification; throws an Error on anything that is not right. */
export function readLz4Frame(input: Uint8Array): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const flags = view.getUint8(4);
  const hasSize = (flags & 8) !== 0;
  const descriptorEnd = 6 + (hasSize ? 8 : 0);
  check(view.getUint32(0, true) === 0x184d2204, "magic number");
  check(flags >> 6 === 1 && (flags & 3) === 0, "flags");
  const blockMax = 2 ** (8 + 2 * (view.getUint8(5) >> 4));
  check([65536, 262144, 1048576, 4194304].includes(blockMax) && (view.getUint8(5) & 0x8f) === 0, "block size");
  check(view.getUint8(descriptorEnd) === ((xxh32(input.subarray(4, descriptorEnd)) >>> 8) & 255), "header checksum");
  const out: number[] = [];
  let at = readBlocks(input, descriptorEnd + 1, flags, blockMax, out);
  const content = Uint8Array.from(out);
  if (hasSize) check(view.getBigUint64(6, true) === BigInt(content.length), "content size");
  if (flags & 4) {
    check(view.getUint32(at, true) === xxh32(content), "content checksum");
    at += 4;
  }
  check(at === input.length, "end");
  return content;
}

function readBlocks(input: Uint8Array, start: number, flags: number, blockMax: number, out: number[]): number {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let at = start;
  for (;;) {
    const field = view.getUint32(at, true);
    at += 4;
    if (field === 0) return at;
    const size = field & 0x7fffffff;
    check(size <= blockMax && at + size <= input.length, "block size");
    const block = input.subarray(at, at + size);
    const before = out.length;
    if (field > 0x7fffffff) for (const byte of block) out.push(byte);
    else readBlock(block, out, (flags & 0x20) !== 0 ? before : 0);
    check(out.length - before <= blockMax, "size of a block's content");
    at += size;
    if (flags & 16) {
      check(view.getUint32(at, true) === xxh32(block), "block checksum");
      at += 4;
    }
  }
}

function readBlock(block: Uint8Array, out: number[], window: number): void {
  let at = 0;
  const byte = (): number => {
    check(at < block.length, "end of a block");
    return block[at++] as number;
  };
  const more = (length: number): number => {
    if (length !== 15) return length;
    for (let next = 255; next === 255; length += next) next = byte();
    return length;
  };
  for (;;) {
    const token = byte();
    for (let literals = more(token >> 4); literals > 0; literals--) out.push(byte());
    if (at === block.length) return;
    const distance = byte() + 256 * byte();
    check(distance > 0 && distance <= out.length - window, "distance");
    for (let match = more(token & 15) + 4; match > 0; match--) out.push(out[out.length - distance] as number);
  }
}

function check(right: boolean, what: string): void {
  if (!right) throw new Error(`LZ4: the ${what} is wrong`);
}
