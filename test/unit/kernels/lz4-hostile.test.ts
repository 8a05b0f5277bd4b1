import { describe, expect, test } from "vitest";
import { concatBytes, SeededRandom } from "../../../src/foundation/index.ts";
import { LZ4_CHECKSUM, LZ4_DAMAGED, LZ4_TOO_LARGE, LZ4_UNSUPPORTED } from "../../../src/kernels/index.ts";
import { readLz4Frame, xxh32 } from "../../support/references/index.ts";
import { hex, kinds, setUp } from "./bench.ts";
import { frameForms, randomFrame, withDescriptor } from "./lz4-frames.ts";

const bench = setUp(1 << 20);
const { kernels, output } = bench;
const guard = 64;

/** Decompresses into a room with guards on both sides, which must stay as they are. */
function unframe(frame: Uint8Array, capacity: number, offset = 0): number {
  const address = bench.put(frame, offset);
  kernels.bytes.fill(0xa5, output, output + capacity + 2 * guard);
  const answer = kernels.lz4Unframe(address, frame.length, output + guard, capacity);
  expect(hex(bench.take(output, guard))).toBe("a5".repeat(guard));
  expect(hex(bench.take(output + guard + capacity, guard))).toBe("a5".repeat(guard));
  return answer;
}

function content(length: number): Uint8Array {
  return bench.take(output + guard, length);
}

function referenceReads(frame: Uint8Array): Uint8Array | undefined {
  try {
    return readLz4Frame(frame);
  } catch {
    return undefined;
  }
}

describe("reading LZ4 frames of other writers", () => {
  test.each(frameForms.map((form) => [JSON.stringify(form), form] as const))("takes %s", (_, form) => {
    const random = new SeededRandom(frameForms.indexOf(form));
    for (let round = 0; round < 40; round++) {
      const { frame, content: expected } = randomFrame(form, random.below(6), random);
      expect(hex(readLz4Frame(frame))).toBe(hex(expected));
      for (const room of [0, 1, 15, 16, 17, 100]) {
        expect(unframe(frame, expected.length + room, round % 16)).toBe(expected.length);
        expect(hex(content(expected.length))).toBe(hex(expected));
      }
      if (expected.length > 0) expect(unframe(frame, random.below(expected.length))).toBe(LZ4_TOO_LARGE);
    }
  });

  test("takes frames in a row and skippable ones between them, and nothing else behind", () => {
    const random = new SeededRandom(21);
    const form = { linked: true, blockChecksums: true, contentSize: true, contentChecksum: true, blockCode: 4 };
    const [first, second] = [randomFrame(form, 3, random), randomFrame(form, 4, random)];
    const skipped = Uint8Array.of(0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
    const all = concatBytes([skipped, first.frame, skipped, second.frame, skipped]);
    const expected = concatBytes([first.content, second.content]);
    expect(unframe(all, expected.length)).toBe(expected.length);
    expect(hex(content(expected.length))).toBe(hex(expected));
    expect(unframe(all.subarray(0, -1), expected.length)).toBe(LZ4_DAMAGED);
    expect(unframe(concatBytes([first.frame, Uint8Array.of(0)]), 10_000)).toBe(LZ4_DAMAGED);
    expect(unframe(concatBytes([first.frame, new Uint8Array(8)]), 10_000)).toBe(LZ4_DAMAGED);
    expect(unframe(skipped, 10_000)).toBe(LZ4_DAMAGED);
  });

  test("says what it does not take", () => {
    const [end, zero] = [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ];
    expect(unframe(withDescriptor([0x61, 0x40, 1, 2, 3, 4], end), 100), "a dictionary").toBe(LZ4_UNSUPPORTED);
    expect(unframe(withDescriptor([0xa0, 0x40], end), 100), "version 2").toBe(LZ4_UNSUPPORTED);
    expect(unframe(withDescriptor([0x62, 0x40], end), 100), "a reserved flag").toBe(LZ4_UNSUPPORTED);
    expect(unframe(withDescriptor([0x60, 0x41], end), 100), "a reserved bit of the size").toBe(LZ4_UNSUPPORTED);
    expect(unframe(withDescriptor([0x60, 0x30], end), 100), "blocks of 16 KiB").toBe(LZ4_UNSUPPORTED);
    expect(unframe(Uint8Array.of(2, 0x21, 0x4c, 0x18, 0, 0, 0, 0), 100), "the legacy format").toBe(LZ4_UNSUPPORTED);
    expect(unframe(withDescriptor([0x68, 0x40, 200, 0, 0, 0, ...zero], end), 100), "a large content").toBe(
      LZ4_TOO_LARGE,
    );
    expect(unframe(withDescriptor([0x68, 0x40, 0, 0, 0, 0, 0, 0, 0, 255], end), 100), "a huge content").toBe(
      LZ4_TOO_LARGE,
    );
    expect(unframe(withDescriptor([0x68, 0x40, 1, 0, 0, 0, ...zero], end), 100), "another content size").toBe(
      LZ4_DAMAGED,
    );
    expect(unframe(withDescriptor([0x64, 0x40], [...end, 1, 2, 3, 4]), 100), "another content").toBe(LZ4_CHECKSUM);
    expect(unframe(withDescriptor([0x60, 0x40], [1, 0, 1, 0, ...end]), 100), "a block above its maximum").toBe(
      LZ4_DAMAGED,
    );
    expect(unframe(withDescriptor([0x60, 0x40], end), 0), "an empty frame").toBe(0);
    expect(unframe(new Uint8Array(), 100), "nothing").toBe(LZ4_DAMAGED);
  });

  test("refuses a block whose content is above the maximum of its frame", () => {
    // 1 literal, a match of 70,000 bytes, 5 literals: more than 64 KiB
    const block = [0x1f, 7, 1, 0, ...Array.from({ length: 274 }, () => 255), 111, 0x50, 1, 2, 3, 4, 5];
    const body = [block.length & 255, block.length >> 8, 0, 0, ...block, 0, 0, 0, 0];
    expect(unframe(withDescriptor([0x60, 0x40], body), 200_000)).toBe(LZ4_DAMAGED);
    expect(unframe(withDescriptor([0x60, 0x50], body), 200_000)).toBe(1 + 4 + 15 + 274 * 255 + 111 + 5);
  });
});

describe("reading damaged LZ4 frames", () => {
  function damage(frame: Uint8Array, random: SeededRandom): Uint8Array {
    const damaged = Uint8Array.from(frame);
    const way = random.below(6);
    if (way === 0) return damaged.subarray(0, random.below(damaged.length));
    if (way === 1) return concatBytes([damaged, random.bytes(1 + random.below(40))]);
    // mostly behind the header, whose checksum would be all that is tested
    const from = way === 2 ? 0 : Math.min(11, damaged.length - 1);
    for (let i = 1 + random.below(3); i > 0; i--) {
      const at = from + random.below(damaged.length - from);
      damaged[at] = way === 3 ? 255 : way === 4 ? 0 : (damaged[at] as number) ^ (1 << random.below(8));
    }
    return damaged;
  }

  function compare(frame: Uint8Array, capacity: number): void {
    const answer = unframe(frame, capacity, frame.length % 16);
    const expected = referenceReads(frame);
    if (expected !== undefined && expected.length <= capacity) {
      expect(answer, hex(frame)).toBe(expected.length);
      expect(hex(content(answer))).toBe(hex(expected));
    } else {
      expect(answer, hex(frame)).toBeLessThan(0);
    }
  }

  test("6000 of other writers: the reference's answer or an error, and never a byte outside", () => {
    const random = new SeededRandom(31);
    for (let round = 0; round < 6000; round++) {
      const { frame, content: whole } = randomFrame(
        frameForms[round % 32] as (typeof frameForms)[number],
        1 + random.below(4),
        random,
      );
      compare(
        damage(frame, random),
        random.below(3) === 0 ? random.below(whole.length + 1) : whole.length + random.below(300),
      );
    }
  });

  test("4000 of our own", () => {
    const random = new SeededRandom(32);
    for (let round = 0; round < 4000; round++) {
      const kind = Object.values(kinds)[round % 6] as (typeof kinds)[string];
      const whole = kind(random.below(3000), random);
      const size = kernels.lz4Frame(bench.put(whole), whole.length, bench.spare);
      const frame = bench.take(bench.spare, size);
      compare(damage(frame, random), whole.length + random.below(40));
    }
  });

  test("3000 of random bytes behind a good header", () => {
    const random = new SeededRandom(33);
    for (let round = 0; round < 3000; round++) {
      const block = random
        .bytes(1 + random.below(200))
        .map((byte) => (random.below(3) === 0 ? byte | 0xf0 : byte & 0x3f));
      const body = [block.length, 0, 0, 0, ...block, 0, 0, 0, 0];
      compare(withDescriptor([random.below(2) === 0 ? 0x60 : 0x40, 0x40], body), random.below(2000));
    }
  });

  test("a bomb stops at the capacity", () => {
    const block = Uint8Array.from({ length: 60_000 }, (_, i) =>
      i === 0 ? 0x1f : i === 1 ? 65 : i === 2 ? 1 : i === 3 ? 0 : 255,
    );
    block.set([0, 0x50, 1, 2, 3, 4, 5], block.length - 7);
    const size = [block.length & 255, block.length >> 8, 0, 0];
    const frame = concatBytes([withDescriptor([0x60, 0x70], size), block, new Uint8Array(4)]);
    expect(unframe(frame, 100_000)).toBe(LZ4_TOO_LARGE);
    expect(xxh32(block)).toBe(kernels.xxh32(bench.put(block), block.length));
  });
});
