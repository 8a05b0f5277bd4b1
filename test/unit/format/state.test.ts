import { describe, expect, it } from "vitest";
import {
  readState,
  STATE_VERSION,
  StateParser,
  type StateVisitor,
  StateWriter,
  V1_0_0,
} from "../../../src/format/index.ts";
import { PlakarError } from "../../../src/foundation/index.ts";
import { hex, rewriteState } from "./samples.ts";
import { type Spelled, spell } from "./spell.ts";

const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const little = (bytes: number, value: bigint): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(value);
  return buffer.subarray(0, bytes);
};
const entry = (kind: number, ...payload: readonly Spelled[]): Buffer => {
  const bytes = spell(...payload);
  return spell(kind, little(4, BigInt(bytes.length)), bytes);
};
const trailer = spell(1, little(4, 0x10100n), little(8, -5n), Buffer.alloc(16, 6));
const location = entry(
  2,
  [9, little(4, 0x10000n), id(1), id(2)],
  [little(8, 2n ** 45n + 1n), little(4, 7n), little(4, 8n)],
);
const coloured = entry(3, 5, id(3), little(8, 99n));
const packfile = entry(4, id(2), id(4), little(8, -1n));
const deleted = entry(6, 4, 0, id(0), id(5));

/** What a visitor was told of a state, which is read in one piece. */
function visited(plain: Uint8Array, version = STATE_VERSION): unknown[] {
  return told((visitor) => readState(plain, version, visitor));
}

/** The same of one that comes in parts of so many bytes. */
function visitedInParts(plain: Uint8Array, partBytes: number): unknown[] {
  return told((visitor) => {
    const parser = new StateParser(STATE_VERSION, visitor);
    for (let at = 0; at < plain.length; at += partBytes) parser.add(plain.slice(at, at + partBytes));
    parser.finish();
  });
}

function told(read: (visitor: StateVisitor) => void): unknown[] {
  const seen: unknown[] = [];
  read({
    location: (type, entryVersion, bytes, macAt, packfileAt, offset, length, flags) => {
      const macs = [hex(bytes.subarray(macAt, macAt + 32)), hex(bytes.subarray(packfileAt, packfileAt + 32))];
      seen.push({ type, version: entryVersion, macs, offset, length, flags });
    },
    coloured: ({ type, id: of, timestampNs }) => seen.push({ coloured: hex(of), type, timestampNs }),
    packfile: (it_) => seen.push({ packfile: hex(it_.packfile), state: hex(it_.state), at: it_.timestampNs }),
    delete: (it_) => seen.push({ ...it_, mac: hex(it_.mac), packfile: hex(it_.packfile) }),
    configuration: ({ key, value, timestampNs }) =>
      seen.push({ key: Buffer.from(key).toString(), value: Buffer.from(value).toString(), timestampNs }),
    unknown: (kind) => seen.push({ unknown: kind }),
  });
  return seen;
}

describe("a state", () => {
  it("is written in the order of the calls, byte for byte", () => {
    const writer = new StateWriter(id(7));
    writer.delete({ deletedKind: 4, type: 0, mac: id(0), packfile: id(5) });
    const place = { offset: 2 ** 45 + 1, length: 7, flags: 8 };
    writer.location({ type: 9, version: V1_0_0, mac: id(1), packfile: id(2), ...place });
    writer.coloured({ type: 5, id: id(3), timestampNs: 99n });
    writer.packfile({ packfile: id(2), state: id(4), timestampNs: -1n });
    const plain = writer.finish({ timestampNs: -5n, serial: new Uint8Array(16).fill(6) });
    expect(hex(plain)).toBe(hex(spell(id(7), deleted, location, coloured, packfile, trailer)));
  });

  it("that comes in parts is read as in one piece, wherever it is parted, and whatever is leapt over", () => {
    const leapt = entry(77, Buffer.alloc(300_000, 2));
    const parts = [id(7), deleted, location, leapt, coloured, location, entry(78, Buffer.alloc(9)), packfile, trailer];
    const plain = spell(...parts, Buffer.alloc(50));
    const all = visited(plain);
    expect(all).toHaveLength(7);
    for (const partBytes of [1, 2, 33, 89, 90, 1000, 131_071, 131_072, 200_000, plain.length])
      expect(visitedInParts(plain, partBytes)).toEqual(all);
    for (const cut of [51, 60, 80, 400, 250_000])
      for (const partBytes of [100, 140_000])
        expect(() => visitedInParts(plain.subarray(0, plain.length - cut), partBytes)).toThrow(PlakarError);
  });

  it("without a parent and a serial has zeros for them", () => {
    const bytes = spell(Buffer.alloc(32), 1, little(4, 0x10100n), little(8, 0n), Buffer.alloc(16));
    expect(hex(new StateWriter().finish({ timestampNs: 0n }))).toBe(hex(bytes));
  });

  it("tells its visitor everything, and answers its parent, time and serial", () => {
    const plain = spell(id(7), deleted, location, coloured, packfile, trailer);
    expect(visited(plain)).toStrictEqual([
      { deletedKind: 4, type: 0, mac: hex(id(0)), packfile: hex(id(5)) },
      { type: 9, version: V1_0_0, macs: [hex(id(1)), hex(id(2))], offset: 2 ** 45 + 1, length: 7, flags: 8 },
      { coloured: hex(id(3)), type: 5, timestampNs: 99n },
      { packfile: hex(id(2)), state: hex(id(4)), at: -1n },
    ]);
    const { parent, timestampNs, serial } = readState(plain, STATE_VERSION, {});
    expect([hex(parent), timestampNs, hex(serial)]).toStrictEqual([hex(id(7)), -5n, "06".repeat(16)]);
  });

  it("of version 1.0.0 has no parent", () => {
    const plain = spell(location, packfile, trailer);
    expect(visited(plain, V1_0_0)).toHaveLength(2);
    expect(hex(readState(plain, V1_0_0, {}).parent)).toBe("00".repeat(32));
  });

  it("may hold entries of kinds that are not known, and settings", () => {
    const setting = entry(5, 3, "key", little(2, 5n), "value", little(8, 12n));
    const plain = spell(id(0), entry(9, "anything"), setting, entry(0), trailer);
    expect(visited(plain)).toStrictEqual([
      { unknown: 9 },
      { key: "key", value: "value", timestampNs: 12n },
      { unknown: 0 },
    ]);
  });

  it("of many entries comes back as it was", () => {
    const writer = new StateWriter(id(1));
    for (let i = 0; i < 100_000; i++) {
      const place = { offset: i * 4097, length: i, flags: 0 };
      writer.location({ type: i % 22, version: V1_0_0, mac: id(i), packfile: id(i >> 8), ...place });
    }
    const plain = writer.finish({ timestampNs: 1n });
    expect(plain.length).toBe(32 + 100_000 * 90 + 29);
    expect(Buffer.compare(rewriteState(plain, STATE_VERSION), plain)).toBe(0);
  });

  it("takes no ids of a wrong length", () => {
    expect(() => new StateWriter(id(1).subarray(1))).toThrow(PlakarError);
    const writer = new StateWriter();
    expect(() => writer.coloured({ type: 5, id: new Uint8Array(31), timestampNs: 0n })).toThrow(PlakarError);
  });

  it.each<[string, Uint8Array]>([
    ["is empty", spell()],
    ["has half a parent", Buffer.alloc(31)],
    ["has no end", spell(id(0), location)],
    ["ends within an entry's header", spell(id(0), 2, 85)],
    ["ends within an entry", spell(id(0), location.subarray(0, 50))],
    ["ends within its trailer", spell(id(0), trailer.subarray(0, 28))],
    ["has an entry longer than itself", spell(id(0), 9, 255, 255, 255, 255, trailer)],
    ["has a short location", spell(id(0), entry(2, Buffer.alloc(84)), trailer)],
    ["has a long colour", spell(id(0), entry(3, Buffer.alloc(42)), trailer)],
    ["has a short packfile", spell(id(0), entry(4, Buffer.alloc(71)), trailer)],
    ["has a long removal", spell(id(0), entry(6, Buffer.alloc(67)), trailer)],
    ["has an empty setting", spell(id(0), entry(5), trailer)],
    ["has a setting whose key ends behind it", spell(id(0), entry(5, 200, Buffer.alloc(20)), trailer)],
    ["has a setting whose value ends behind it", spell(id(0), entry(5, 0, 255, 255, Buffer.alloc(20)), trailer)],
  ])("that %s is damaged", (_, plain) => {
    expect(() => visited(plain)).toThrow(expect.objectContaining({ kind: "corrupted", code: "state-damaged" }));
  });

  it("with an offset that no file has is damaged", () => {
    const far = entry(2, 9, little(4, 0n), id(1), id(2), Buffer.alloc(8, 0xff), Buffer.alloc(8));
    expect(() => visited(spell(id(0), far, trailer))).toThrow(expect.objectContaining({ code: "offset-damaged" }));
  });
});
