import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import {
  decodeBtreeNode,
  decodeBtreeRoot,
  decodeConfiguration,
  decodeEntry,
  decodeErrorEntry,
  decodeHeader,
  decodeLock,
  decodeObject,
  decodePackFooter,
  decodePackIndex,
  decodeSignature,
  decodeSummary,
  decodeXattrEntry,
  encodeErrorEntry,
  fileInfoSlice,
  ResourceType,
  readDirpack,
  readPtarFooter,
  readState,
  STATE_VERSION,
  unwrapUnchecked,
  V1_0_0,
} from "../../../src/format/index.ts";
import { type ByteString, PlakarError, SeededRandom } from "../../../src/foundation/index.ts";
import { openGolden } from "../../support/golden-reader.ts";
import { GoldenBlobs } from "./golden-tree.ts";
import { s, spell } from "./spell.ts";

const store = openGolden("plain");
const encrypted = openGolden("encrypted.ptar");
const largest = (type: number): Uint8Array => {
  const contents = store.blobs.filter((blob) => blob.type === type).map(({ content }) => content);
  return contents.toSorted((a, b) => b.length - a.length)[0] as Uint8Array;
};

function stateEntries(plain: Uint8Array): unknown[] {
  const seen: unknown[] = [];
  const keep = (entry: unknown): number => seen.push(entry);
  const frame = readState(plain, STATE_VERSION, {
    location: (...location) => seen.push([...location.slice(0, 2), ...location.slice(3)]),
    coloured: keep,
    packfile: keep,
    delete: keep,
    configuration: keep,
    unknown: keep,
  });
  return [frame, ...seen];
}

function smallDirpack(): Uint8Array {
  const blobs = new GoldenBlobs(store);
  const [header] = blobs.headers;
  const contents = header ? blobs.index(header, "dirpack").map(([, object]) => blobs.content(object)) : [];
  return contents.find(({ length }) => length > 500 && length < 5000) as Uint8Array;
}

const error = encodeErrorEntry({ version: V1_0_0, name: "/a/b" as ByteString, error: "permission denied" });
const decoders: readonly [string, (bytes: Uint8Array) => unknown, Uint8Array][] = [
  ["CONFIG", decodeConfiguration, store.configuration.body],
  ["CONFIG with encryption", decodeConfiguration, encrypted.configuration.body],
  ["a wrapper", unwrapUnchecked, store.configuration.raw],
  ["a state", stateEntries, store.states.map(({ body }) => body).toSorted((a, b) => a.length - b.length)[0] as Buffer],
  ["a lock", decodeLock, store.locks[0]?.body as Buffer],
  ["a packfile's index", decodePackIndex, encrypted.packs[0]?.index as Buffer],
  ["a packfile's footer", decodePackFooter, encrypted.packs[0]?.footer as Buffer],
  ["a header", decodeHeader, largest(ResourceType.snapshot)],
  ["an object", decodeObject, largest(ResourceType.object)],
  ["an entry", decodeEntry, largest(ResourceType.vfsEntry)],
  ["a file within an entry", fileInfoSlice, largest(ResourceType.vfsEntry)],
  ["a tree's root", decodeBtreeRoot, largest(ResourceType.btreeRoot)],
  ["a tree's node", decodeBtreeNode, largest(ResourceType.vfsNode)],
  ["a summary", decodeSummary, largest(ResourceType.vfsSummary)],
  ["an attribute", decodeXattrEntry, largest(ResourceType.xattrEntry)],
  ["an error record", decodeErrorEntry, error],
  ["a directory's frames", (bytes) => [...readDirpack(bytes)], smallDirpack()],
  ["a ptar's footer", (bytes) => readPtarFooter(bytes, 10_000), Buffer.alloc(48)],
  ["a signature", decodeSignature, Buffer.alloc(64)],
];

/** Whether it was decoded. Fails on errors that are not typed, and on answers much larger than the input. */
function attempt(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean {
  let answer: unknown;
  try {
    answer = decode(bytes);
  } catch (thrown) {
    if (!(thrown instanceof PlakarError) || !["corrupted", "newer"].includes(thrown.kind)) throw thrown;
    return false;
  }
  const size = serialize(answer).length;
  if (size > 20 * bytes.length + 2000) throw new Error(`${bytes.length} bytes became ${size}`);
  return true;
}

/** A few bits flipped, bytes replaced by those that mean most to msgpack, a part doubled or taken out. */
function damage(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const telling = [0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc6, 0xc9, 0xcf, 0xd3, 0xdb, 0xdd, 0xdf, 0xff, 0];
  const changed = Buffer.from(bytes);
  for (let change = random.below(4); change >= 0; change--) {
    const at = random.below(changed.length);
    if (random.below(2) === 0) changed[at] = (changed[at] as number) ^ (1 << random.below(8));
    else changed[at] = telling[random.below(telling.length)] as number;
  }
  const cut = random.below(changed.length);
  const length = random.below(64);
  if (random.below(8) === 0) return Buffer.concat([changed.subarray(0, cut + length), changed.subarray(cut)]);
  if (random.below(8) === 0) return Buffer.concat([changed.subarray(0, cut), changed.subarray(cut + length)]);
  return changed;
}

const severable = new Set(["a wrapper", "a packfile's index", "a directory's frames", "a file within an entry"]);

describe.each(decoders)("%s", (name, decode, sample) => {
  it("that is cut off is refused, at every length", () => {
    const accepted: number[] = [];
    const step = Math.max(1, Math.floor(sample.length / 2000));
    for (let length = 0; length < sample.length; length += step) {
      if (attempt(decode, sample.subarray(0, length))) accepted.push(length);
    }
    // these are whole wherever a record ends, or do not look at their end
    if (!severable.has(name)) expect(accepted).toStrictEqual([]);
  });

  it.each([1, 2, 3])("that is damaged fails with a typed error, or is read in bounds (seed %i)", (seed) => {
    const random = new SeededRandom(seed);
    for (let round = 0; round < 500; round++) attempt(decode, damage(sample, random));
  });

  it("of random bytes fails with a typed error, or is read in bounds", () => {
    const random = new SeededRandom(4);
    for (let round = 0; round < 500; round++) attempt(decode, random.bytes(random.below(300)));
  });
});

const huge = spell(0xdd, 0xff, 0xff, 0xff, 0xff);
describe.each(decoders.filter(([, , sample]) => sample[0] === 0xde || (sample[0] as number) >> 4 === 8))(
  "%s that asks for more than it has",
  (_, decode) => {
    it.each<[string, Uint8Array]>([
      ["fields", spell(0xdf, 0xff, 0xff, 0xff, 0xff)],
      ["fields that would fit the bytes as single ones", spell(0xde, 0xff, 0xff, Buffer.alloc(70_000, 0xc0))],
      [
        "items under every key",
        spell(
          0x85,
          ["keys", "chunks", "sources", "tags", "object"].map((key) => [s(key), huge]),
        ),
      ],
      ["bytes of a key", spell(0x81, 0xdb, 0xff, 0xff, 0xff, 0xff)],
      ["bytes of a value that is not known", spell(0x81, s("?"), 0xc6, 0xff, 0xff, 0xff, 0xff)],
      ["depth", spell(0x81, s("?"), Buffer.alloc(1 << 20, 0x91))],
      ["depth of maps", spell(0x81, s("?"), Buffer.alloc(1 << 20, 0x81))],
      ["breadth and depth", spell(0x81, s("?"), Buffer.alloc(1 << 16, 0xdf))],
    ])("is refused: %s", (__, bytes) => {
      expect(attempt(decode, bytes)).toBe(false);
    });
  },
);
