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
  encodeEntry,
  encodeErrorEntry,
  encodeHeader,
  encodeObject,
  fileInfoSlice,
  MsgpackReader,
  ResourceType,
  readDirpack,
  readPtarFooter,
  readSource,
  readState,
  STATE_VERSION,
  unwrap,
  unwrapUnchecked,
  V1_0_0,
} from "../../src/format/index.ts";
import type { ByteString } from "../../src/foundation/index.ts";
import { MergedState } from "../../src/repository/index.ts";
import { itemOf } from "../../src/snapshot/index.ts";
import { openGolden } from "../support/golden-reader.ts";
import type { FuzzTarget } from "./fuzz-target.ts";

const store = openGolden("plain");
const sealed = openGolden("encrypted.ptar");

/** A few of a type, the largest among them, none so large that its mutations are slow. */
function blobs(type: number): Uint8Array[] {
  const contents = store.blobs.filter((blob) => blob.type === type).map(({ content }) => content);
  const sorted = contents.filter(({ length }) => length < 20_000).toSorted((a, b) => b.length - a.length);
  return [...sorted.slice(0, 3), ...sorted.slice(-2)];
}

/** Reads one value after the other in every way; the bytes themselves choose how. */
function readAnything(bytes: Uint8Array): void {
  const reader = new MsgpackReader(bytes.subarray(1), "anything");
  const ways = [
    ...[() => reader.skip(), () => reader.slice(), () => reader.text(), () => reader.bytesString()],
    ...[() => reader.commonBytesString(), () => reader.bin(), () => reader.mac(), () => reader.bool()],
    ...[() => reader.number(), () => reader.u64(), () => reader.i64(), () => reader.float(), () => reader.time()],
    ...[() => reader.u8(), () => reader.u16(), () => reader.u32(), () => reader.count(), () => reader.nil()],
    () => reader.list(() => reader.skip(), 1),
  ];
  for (let at = bytes[0] ?? 0; ; at = at * 7 + 3) (ways[at % ways.length] as () => unknown)();
}

function visitState(bytes: Uint8Array, version: number): void {
  const nothing = (): void => undefined;
  readState(bytes, version, {
    ...{ location: nothing, coloured: nothing, packfile: nothing, delete: nothing },
    ...{ configuration: nothing, unknown: nothing },
  });
}

function mergeState(bytes: Uint8Array): void {
  const merged = new MergedState();
  merged.merge("00", bytes, STATE_VERSION);
  merged.settle();
  merged.snapshots();
  merged.blobs.recordsByPack(merged.packIds.length);
}

function decodeItem(bytes: Uint8Array): void {
  const entry = decodeEntry(bytes);
  encodeEntry(entry);
  fileInfoSlice(bytes);
  itemOf("/a" as ByteString, entry);
}

function entriesOf(dirpack: Uint8Array): void {
  for (const { entry } of readDirpack(dirpack)) decodeEntry(entry);
}

/** Frames of a directory, made of the golden entries. */
function listing(): Uint8Array {
  return Buffer.concat(
    blobs(ResourceType.vfsEntry).map((entry) => {
      const head = Buffer.alloc(5);
      head[0] = 2;
      head.writeUInt32LE(entry.length + 32, 1);
      return Buffer.concat([head, entry, Buffer.alloc(32, 7)]);
    }),
  );
}

const states = store.states.map(({ body }) => body).filter(({ length }) => length < 60_000);
const smallState = store.states.map(({ body }) => body).toSorted((a, b) => a.length - b.length)[0] as Buffer;
const stateSeeds = [
  Buffer.concat([smallState.subarray(0, 32 + 90 * 40), smallState.subarray(-29)]),
  smallState,
  ...states,
].filter(({ length }) => length < 60_000);
const attribute = blobs(ResourceType.xattrEntry);
const failure = encodeErrorEntry({ version: V1_0_0, name: "/a/b" as ByteString, error: "permission denied" });
const wrapped = [store.configuration.raw, store.locks[0]?.raw as Buffer, sealed.states[0]?.raw as Buffer];
const expected = { type: ResourceType.lock, maxVersion: V1_0_0, what: "a lock" };
const trees = [ResourceType.vfsNode, ResourceType.btreeNode, ResourceType.xattrNode, ResourceType.errorNode];
const footer = Buffer.alloc(48);
for (const [place, value] of [12, 500, 512, 8000, 8512, 600].entries())
  footer.writeBigInt64LE(BigInt(value), place * 8);

/** Every decoder of src/format, and what reads decoded structures at once. */
export const formatTargets: readonly FuzzTarget[] = [
  { name: "msgpack", seeds: [...blobs(ResourceType.vfsEntry), ...blobs(ResourceType.snapshot)], run: readAnything },
  {
    name: "CONFIG",
    seeds: [store.configuration.body, sealed.configuration.body],
    run: decodeConfiguration,
  },
  {
    name: "wrapper",
    seeds: wrapped,
    run: (bytes) => void [unwrapUnchecked(bytes), unwrap(bytes, expected, store.mac)],
  },
  { name: "packfile index", seeds: [sealed.packs[0]?.index as Buffer], run: decodePackIndex },
  { name: "packfile footer", seeds: [sealed.packs[0]?.footer as Buffer], run: decodePackFooter },
  { name: "state 1.1.0", seeds: stateSeeds, run: (bytes) => visitState(bytes, STATE_VERSION) },
  {
    name: "state 1.0.0",
    seeds: stateSeeds.map((each) => each.subarray(32)),
    run: (bytes) => visitState(bytes, V1_0_0),
  },
  { name: "merged state", seeds: stateSeeds, run: mergeState },
  { name: "lock", seeds: [store.locks[0]?.body as Buffer], run: decodeLock },
  { name: "header", seeds: blobs(ResourceType.snapshot), run: (bytes) => encodeHeader(decodeHeader(bytes)) },
  { name: "snapshot source", seeds: sources(), run: (bytes) => readSource(new MsgpackReader(bytes, "a source")) },
  { name: "entry", seeds: blobs(ResourceType.vfsEntry), run: decodeItem },
  { name: "object", seeds: blobs(ResourceType.object), run: (bytes) => encodeObject(decodeObject(bytes)) },
  { name: "tree root", seeds: [ResourceType.btreeRoot, ResourceType.vfsBtree].flatMap(blobs), run: decodeBtreeRoot },
  { name: "tree node", seeds: trees.flatMap(blobs), run: decodeBtreeNode },
  { name: "directory listing", seeds: [listing()], run: entriesOf },
  { name: "summary", seeds: blobs(ResourceType.vfsSummary), run: decodeSummary },
  { name: "extended attribute", seeds: attribute, run: decodeXattrEntry },
  { name: "error record", seeds: [failure], run: decodeErrorEntry },
  { name: "signature", seeds: [Buffer.alloc(64)], run: decodeSignature },
  { name: "ptar footer", seeds: [footer], run: (bytes) => readPtarFooter(bytes, 10_000) },
];

/** The part of each header behind the key `sources` and the array's head. */
function sources(): Uint8Array[] {
  return blobs(ResourceType.snapshot).map((header) => {
    const at = Buffer.from(header).indexOf("\xa7sources", 0, "latin1");
    return header.subarray(at + 9);
  });
}
