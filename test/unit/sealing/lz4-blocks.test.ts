import { describe, expect, it } from "vitest";
import { concatBytes, viewOf } from "../../../src/foundation/index.ts";
import { packBlocks, unpackBlocks, unpackBlocksInParts } from "../../../src/sealing/compression/lz4-blocks.ts";
import { Workspace } from "../../../src/sealing/workspace.ts";
import { readLz4Frame, xxh32 } from "../../support/references/index.ts";
import { content, newKernels } from "./sealers.ts";

const workspace = Workspace.of(newKernels());
const limits = { maxBytes: 64 << 20, what: "it" };
const damaged = expect.objectContaining({ code: "blob-damaged", kind: "corrupted" });

interface FrameForm {
  readonly flags: number;
  readonly sizes?: number;
  readonly contentSize?: number;
  readonly checksumOf?: Uint8Array;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  return bytes;
}

/** A frame of any form around given blocks, each with its size field. */
function frame(
  { flags, sizes = 0x40, contentSize = 0, checksumOf }: FrameForm,
  blocks: readonly Uint8Array[],
): Uint8Array {
  const size = flags & 8 ? concatBytes([u32(contentSize), u32(0)]) : new Uint8Array();
  const descriptor = concatBytes([Uint8Array.of(flags, sizes), size]);
  const check = Uint8Array.of((xxh32(descriptor) >>> 8) & 255);
  const parts = blocks.flatMap((block) => (flags & 0x10 ? [block, u32(xxh32(block.subarray(4)))] : [block]));
  const end = checksumOf ? [u32(0), u32(xxh32(checksumOf))] : [u32(0)];
  return concatBytes([u32(0x184d2204), descriptor, check, ...parts, ...end]);
}

function stored(bytes: Uint8Array): Uint8Array {
  return concatBytes([u32((bytes.length | 0x80000000) >>> 0), bytes]);
}

/** A block that repeats the 60000 bytes before it, then five letters. */
function repeating(letters: string): Uint8Array {
  const matchBytes = 60_000 - 4 - 15;
  const lengths = [...Array.from({ length: Math.trunc(matchBytes / 255) }, () => 255), matchBytes % 255];
  const block = concatBytes([Uint8Array.of(0x0f, 60_000 & 255, 60_000 >> 8, ...lengths, 0x50), Buffer.from(letters)]);
  return concatBytes([u32(block.length), block]);
}

async function* inBytes(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

describe("LZ4 frames block by block", () => {
  it("packs what the plain reader of frames reads", () => {
    for (const bytes of [new Uint8Array(), content(5), content((4 << 20) + 5), content(9 << 18, "noise")]) {
      const packed = packBlocks(workspace, bytes);
      expect(Buffer.compare(readLz4Frame(packed), bytes)).toBe(0);
      expect(Buffer.compare(unpackBlocks(workspace, packed, limits), bytes)).toBe(0);
    }
  });

  it("reads independent and linked blocks, with every kind of checksum", async () => {
    const first = content(60_000, "noise");
    const plain = concatBytes([
      first,
      first,
      Buffer.from("abcde"),
      first.subarray(5),
      Buffer.from("abcde"),
      Buffer.from("fghij"),
    ]);
    const blocks = [stored(first), repeating("abcde"), repeating("fghij")];
    for (const flags of [0x40, 0x50, 0x44, 0x48, 0x5c]) {
      const form = { flags, contentSize: plain.length, ...(flags & 4 ? { checksumOf: plain } : {}) };
      const linked = frame(form, blocks);
      expect(Buffer.compare(readLz4Frame(linked), plain)).toBe(0);
      expect(Buffer.compare(unpackBlocks(workspace, linked, limits), plain)).toBe(0);
      const inParts = await Array.fromAsync(unpackBlocksInParts(workspace, inBytes(linked), limits));
      expect(Buffer.compare(concatBytes(inParts), plain)).toBe(0);
    }
    // what is linked has no sense where blocks are said to be independent
    expect(() => unpackBlocks(workspace, frame({ flags: 0x60 }, blocks), limits)).toThrow(damaged);
  });

  it("refuses blocks, headers and ends that are not right", () => {
    const some = content(1000);
    const good = frame({ flags: 0x60 }, [stored(some)]);
    expect(unpackBlocks(workspace, good, limits)).toEqual(some);
    const wrong: Uint8Array[] = [
      new Uint8Array(),
      good.subarray(0, 6),
      good.subarray(0, 20),
      good.subarray(0, good.length - 1),
      concatBytes([good, Uint8Array.of(0)]),
      frame({ flags: 0x61 }, [stored(some)]),
      frame({ flags: 0xa0 }, [stored(some)]),
      frame({ flags: 0x60, sizes: 0x30 }, [stored(some)]),
      frame({ flags: 0x60 }, [stored(content(65537, "noise"))]),
      frame({ flags: 0x60 }, [concatBytes([u32(3), Uint8Array.of(255, 255, 255)])]),
    ];
    for (const bytes of wrong) expect(() => unpackBlocks(workspace, bytes, limits)).toThrow(damaged);
  });

  it("stops at the limit, within a block and between blocks", () => {
    const packed = packBlocks(workspace, new Uint8Array(10 << 20));
    for (const maxBytes of [0, 1, 4 << 20, (10 << 20) - 1]) {
      expect(() => unpackBlocks(workspace, packed, { maxBytes, what: "it" })).toThrow(`more than ${maxBytes} bytes`);
    }
    expect(unpackBlocks(workspace, packed, { maxBytes: 10 << 20, what: "it" }).length).toBe(10 << 20);
  });
});
