import { SeededRandom } from "../../../src/foundation/index.ts";
import { xxh32 } from "../../support/references/index.ts";

/** What a frame may say that the kernels' own do not. */
export interface FrameForm {
  readonly linked: boolean;
  readonly blockChecksums: boolean;
  readonly contentSize: boolean;
  readonly contentChecksum: boolean;
  /** 4, 5, 6, 7: 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
  readonly blockCode: number;
}

/** All 32 combinations of the flags, with changing block sizes. */
export const frameForms: readonly FrameForm[] = Array.from({ length: 32 }, (_, i) => ({
  linked: (i & 1) !== 0,
  blockChecksums: (i & 2) !== 0,
  contentSize: (i & 4) !== 0,
  contentChecksum: (i & 8) !== 0,
  blockCode: 4 + (i % 4),
}));

function u32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

function checksum(bytes: readonly number[]): number[] {
  return u32(xxh32(Uint8Array.from(bytes)));
}

/** A length of which a token holds at most 15. */
function more(length: number): number[] {
  if (length < 15) return [];
  return [...Array.from({ length: Math.floor((length - 15) / 255) }, () => 255), (length - 15) % 255];
}

/** A compressed block of random sequences; matches reach back into the content as far as `window`. */
function randomBlock(content: number[], window: number, random: SeededRandom): number[] {
  const block: number[] = [];
  const literals = (count: number, matchNibble: number): void => {
    block.push((Math.min(count, 15) << 4) | matchNibble, ...more(count));
    for (let i = 0; i < count; i++) {
      const byte = random.below(256);
      block.push(byte);
      content.push(byte);
    }
  };
  for (let sequences = random.below(12); sequences > 0; sequences--) {
    const match = random.below(4) === 0 ? random.below(900) : random.below(40);
    const reach = Math.min(content.length - window, 65_535);
    const count = reach === 0 ? 1 + random.below(20) : random.below(random.below(5) === 0 ? 600 : 20);
    literals(count, Math.min(match, 15));
    const distance = 1 + random.below(Math.min(content.length - window, random.below(2) === 0 ? 20 : 65_535));
    block.push(distance & 255, distance >> 8, ...more(match));
    for (let i = 0; i < match + 4; i++) content.push(content[content.length - distance] as number);
  }
  literals(5 + random.below(20), 0);
  return block;
}

/** A conforming frame that no compressor would write, with its content. */
export function randomFrame(
  form: FrameForm,
  blocks: number,
  random: SeededRandom,
): { frame: Uint8Array; content: Uint8Array } {
  const content: number[] = [];
  const body: number[] = [];
  for (let i = 0; i < blocks; i++) {
    const stored = random.below(4) === 0;
    const block = stored
      ? [...random.bytes(random.below(300) + 1)]
      : randomBlock(content, form.linked ? 0 : content.length, random);
    if (stored) content.push(...block);
    body.push(...u32(stored ? (block.length | 0x80000000) >>> 0 : block.length), ...block);
    if (form.blockChecksums) body.push(...checksum(block));
  }
  body.push(...u32(0));
  if (form.contentChecksum) body.push(...checksum(content));
  const flags =
    0x40 |
    (form.linked ? 0 : 0x20) |
    (form.blockChecksums ? 0x10 : 0) |
    (form.contentSize ? 8 : 0) |
    (form.contentChecksum ? 4 : 0);
  const descriptor = [flags, form.blockCode << 4, ...(form.contentSize ? [...u32(content.length), ...u32(0)] : [])];
  return { frame: withDescriptor(descriptor, body), content: Uint8Array.from(content) };
}

/** Magic number, descriptor, its checksum, and what follows. */
export function withDescriptor(descriptor: readonly number[], body: readonly number[]): Uint8Array {
  return Uint8Array.of(...u32(0x184d2204), ...descriptor, checksum(descriptor)[1] as number, ...body);
}
