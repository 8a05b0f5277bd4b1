import { describe, expect, it } from "vitest";
import { MsgpackReader, MsgpackWriter } from "../../../src/format/index.ts";
import { KeyTable } from "../../../src/format/key-table.ts";
import { type ByteString, fromBytes, fromText } from "../../../src/foundation/index.ts";
import { hex } from "./samples.ts";
import { i64, s, spell, u64 } from "./spell.ts";

const written = (write: (w: MsgpackWriter) => unknown): string => {
  const writer = new MsgpackWriter();
  write(writer);
  return hex(writer.take());
};
const reader = (bytes: Uint8Array): MsgpackReader => new MsgpackReader(bytes, "a value");

describe("integers of Go types with a fixed size", () => {
  it.each<[string, (w: MsgpackWriter) => unknown, string]>([
    ["u8", (w) => w.u8(1), "cc01"],
    ["u16", (w) => w.u16(1), "cd0001"],
    ["u32", (w) => w.u32(1), "ce00000001"],
    ["u32 of a directory's mode", (w) => w.u32(0x8000_01ed), "ce800001ed"],
    ["u64", (w) => w.u64(1), "cf0000000000000001"],
    ["u64 above 2^53", (w) => w.u64(2n ** 64n - 1n), "cfffffffffffffffff"],
    ["u64 between 2^32 and 2^53", (w) => w.u64(2 ** 53 - 1), "cf001fffffffffffff"],
    ["i64", (w) => w.i64(5), "d30000000000000005"],
    ["i64 below zero", (w) => w.i64(-1), "d3ffffffffffffffff"],
    ["i64 below -2^32", (w) => w.i64(-(2 ** 32) - 1), "d3fffffffeffffffff"],
    ["i64 as bigint", (w) => w.i64(-(2n ** 63n)), "d38000000000000000"],
    ["f64", (w) => w.f64(1.5), "cb3ff8000000000000"],
  ])("keep their width: %s", (_, write, bytes) => expect(written(write)).toBe(bytes));
});

describe("Go's int", () => {
  it.each([
    [0, "00"],
    [127, "7f"],
    [128, "cc80"],
    [255, "ccff"],
    [256, "cd0100"],
    [65535, "cdffff"],
    [65536, "ce00010000"],
    [131072, "ce00020000"],
    [2 ** 32 - 1, "ceffffffff"],
    [2 ** 32, "cf0000000100000000"],
    [-1, "ff"],
    [-32, "e0"],
    [-33, "d0df"],
    [-128, "d080"],
    [-129, "d1ff7f"],
    [-32768, "d18000"],
    [-32769, "d2ffff7fff"],
    [-(2 ** 31), "d280000000"],
    [-(2 ** 31) - 1, "d3ffffffff7fffffff"],
  ])("takes the shortest form: %i", (value, bytes) => {
    expect(written((w) => w.int(value))).toBe(bytes);
    expect(reader(Buffer.from(bytes, "hex")).number()).toBe(value);
  });
});

describe("times", () => {
  const second = 1_000_000_000n;
  it.each([
    ["without nanoseconds in 4 bytes", 1_767_323_045n * second, "d6ff695735a5"],
    ["the epoch", 0n, "d6ff00000000"],
    ["with nanoseconds in 8 bytes", 1_700_000_000n * second + 123_456_789n, "d7ff1d6f34546553f100"],
    ["after 2106 in 8 bytes", (1n << 32n) * second, "d7ff0000000100000000"],
    ["up to 2514 in 8 bytes", ((1n << 34n) - 1n) * second + 999_999_999n, "d7ffee6b27ffffffffff"],
    ["after 2514 in 12 bytes", (1n << 34n) * second, "c70cff000000000000000400000000"],
    ["before 1970 in 12 bytes", -31_536_000n * second, "c70cff00000000fffffffffe1ecc80"],
    ["a nanosecond before 1970", -1n, "c70cff3b9ac9ffffffffffffffffff"],
    ["of Go's year 1", -62_135_596_800n * second, "c70cff00000000fffffff1886e0900"],
  ])("%s", (_, ns, bytes) => {
    expect(written((w) => w.time(ns))).toBe(bytes);
    expect(reader(Buffer.from(bytes, "hex")).time()).toBe(ns);
  });
});

describe("strings, binary data, lists and maps", () => {
  const long = (length: number): ByteString => "x".repeat(length) as ByteString;
  it.each<[string, (w: MsgpackWriter) => unknown, string]>([
    ["31 bytes", (w) => w.str(long(31)), "bf78"],
    ["32 bytes", (w) => w.str(long(32)), "d92078"],
    ["255 bytes", (w) => w.str(long(255)), "d9ff78"],
    ["256 bytes", (w) => w.str(long(256)), "da010078"],
    ["65535 bytes", (w) => w.str(long(65535)), "daffff78"],
    ["65536 bytes", (w) => w.str(long(65536)), "db0001000078"],
    ["text of 32 bytes", (w) => w.text(long(32)), "d92078"],
    ["text of 65536 bytes", (w) => w.text(long(65536)), "db0001000078"],
    ["255 bytes of data", (w) => w.bin(new Uint8Array(255)), "c4ff00"],
    ["256 bytes of data", (w) => w.bin(new Uint8Array(256)), "c5010000"],
    ["65536 bytes of data", (w) => w.bin(new Uint8Array(65536)), "c60001000000"],
    ["15 items", (w) => w.array(15), "9f"],
    ["16 items", (w) => w.array(16), "dc0010"],
    ["65536 items", (w) => w.array(65536), "dd00010000"],
    ["15 fields", (w) => w.map(15), "8f"],
    ["16 fields", (w) => w.map(16), "de0010"],
    ["booleans and nil", (w) => w.bool(true).bool(false).nil(), "c3c2c0"],
  ])("take the shortest form: %s", (_, write, bytes) => expect(written(write).slice(0, bytes.length)).toBe(bytes));

  it("hold names of any bytes", () => {
    const name = fromBytes(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    const bytes = Buffer.from(
      written((w) => w.str(name)),
      "hex",
    );
    expect(reader(bytes).bytesString()).toBe(name);
    expect(bytes.subarray(3)).toStrictEqual(Buffer.from(name, "latin1"));
  });

  it.each(["", "ascii", "żółć 🎉", "\ufffd", "\ufeffmark", "a".repeat(31) + "é", "é".repeat(40000)])(
    "hold text as UTF-8",
    (text) => {
      const bytes = Buffer.from(
        written((w) => w.text(text)),
        "hex",
      );
      expect(bytes.subarray(bytes.length - Buffer.byteLength(text)).toString()).toBe(text);
      expect(reader(bytes).text()).toBe(text);
      expect(written((w) => w.str(fromText(text)))).toBe(hex(bytes));
    },
  );

  it.each(["ff", "c3", "61ff62", "eda080", "f09f8e", "c0af", "f5808080", "e2829cff", "efbfbdfe", "fff09f8e89fe"])(
    "hold text that is not UTF-8 so that it is written again as it was: %s",
    (bytes) => {
      const value = spell(0xa0 + bytes.length / 2, Buffer.from(bytes, "hex"));
      const text = reader(value).text();
      expect(written((w) => w.text(text))).toBe(hex(value));
    },
  );

  it("are the reader's own, whatever becomes of the bytes that they were read from", () => {
    const bytes = spell(0xc4, 32, Buffer.alloc(32, 7));
    const read = reader(bytes).mac();
    bytes.fill(0);
    expect(hex(read)).toBe("07".repeat(32));
  });
});

describe("the writer", () => {
  it("hands out bytes that later writing leaves alone", () => {
    const writer = new MsgpackWriter();
    const results = Array.from({ length: 3000 }, (_, size) => writer.bin(new Uint8Array(size % 700).fill(size)).take());
    for (const [size, result] of results.entries()) {
      const header = size % 700 < 256 ? 2 : 3;
      expect(result.subarray(header).every((byte) => byte === size % 256)).toBe(true);
      expect(result.length).toBe((size % 700) + header);
    }
  });

  it("forgets what an encoder that failed has left", () => {
    const writer = new MsgpackWriter().u8(1).u8(2);
    expect(hex(writer.clear().u8(3).take())).toBe("cc03");
  });
});

describe("the reader", () => {
  const table = new KeyTable(["one", "two", "three"] as const);
  const read = (bytes: Uint8Array): { found: Record<string, number>; unknown: readonly string[] } => {
    const r = reader(bytes);
    const found: Record<string, number> = {};
    r.fields(table, (key) => {
      found[key] = r.number();
    });
    return { found, unknown: r.unknownKeys };
  };

  it("takes fields in any order, leaves out what is missing, and notes what it does not know", () => {
    expect(read(spell(0x82, s("one"), 1, s("three"), 3))).toStrictEqual({ found: { one: 1, three: 3 }, unknown: [] });
    expect(read(spell(0x83, s("three"), 3, s("two"), 2, s("one"), 1)).found).toStrictEqual({
      three: 3,
      two: 2,
      one: 1,
    });
    const strange = spell(0x83, s("on"), 0x92, 1, s("x"), s("two"), 2, s("onex"), 0xc0);
    expect(read(strange)).toStrictEqual({ found: { two: 2 }, unknown: ["on", "onex"] });
    expect(read(spell(0xc0))).toStrictEqual({ found: {}, unknown: [] });
  });

  it("takes a key in a longer form of string", () => {
    expect(read(spell(0x81, 0xd9, 3, "two", 2)).found).toStrictEqual({ two: 2 });
  });

  it("finds one field without reading the others", () => {
    const bytes = spell(0x83, s("one"), [0x91, [0x81, s("a"), 5]], s("two"), [0xc4, 2, 8, 9], s("three"), 3);
    expect(hex(reader(bytes).sliceOf(table, "two") as Uint8Array)).toBe("c4020809");
    expect(reader(spell(0x81, s("one"), 1)).sliceOf(table, "two")).toBeUndefined();
  });

  it.each<[string, Uint8Array]>([
    ["nil", spell(0xc0)],
    ["a boolean", spell(0xc3)],
    ["small integers", spell(0x92, 0x7f, 0xe0)],
    ["integers", spell(0x93, [0xcc, 1], [0xcd, 1, 2], [0xce, 1, 2, 3, 4])],
    ["wide integers", spell(0x92, u64(1n), i64(-1n))],
    ["signed integers", spell(0x93, [0xd0, 1], [0xd1, 1, 2], [0xd2, 1, 2, 3, 4])],
    ["floats", spell(0x92, [0xca, 1, 2, 3, 4], [0xcb, 1, 2, 3, 4, 5, 6, 7, 8])],
    ["strings", spell(0x93, s("a"), [0xd9, 2, "ab"], [0xda, 0, 1, "a"])],
    ["a long string", spell(0xdb, 0, 0, 0, 3, "abc")],
    ["data", spell(0x93, [0xc4, 1, 1], [0xc5, 0, 2, 1, 2], [0xc6, 0, 0, 0, 1, 9])],
    ["extensions", spell(0x93, [0xc7, 2, 5, 1, 2], [0xc8, 0, 1, 5, 1], [0xc9, 0, 0, 0, 1, 5, 1])],
    ["short extensions", spell(0x92, [0xd4, 5, 1], [0xd8, 5, Buffer.alloc(16)])],
    ["other extensions", spell(0x93, [0xd5, 5, 1, 2], [0xd6, 5, 1, 2, 3, 4], [0xd7, 5, Buffer.alloc(8)])],
    ["lists and maps", spell(0x92, [0xdc, 0, 2, 1, 2], [0xde, 0, 1, s("a"), 0x80])],
    ["long lists and maps", spell(0x92, [0xdd, 0, 0, 0, 1, 1], [0xdf, 0, 0, 0, 1, s("a"), 0x90])],
  ])("leaps over %s, and over nothing that is cut off", (_, value) => {
    expect(hex(reader(spell(value, 0xc1)).slice())).toBe(hex(value));
    for (let length = 0; length < value.length; length++) {
      expect(() => reader(value.subarray(0, length)).skip()).toThrow("a value is damaged");
    }
  });

  it.each<[string, (r: MsgpackReader) => unknown, Uint8Array]>([
    ["a map for a list", (r) => r.list(() => r.number(), 1), spell(0x80)],
    ["a string for a map", (r) => r.fields(table, () => undefined), s("a")],
    ["a number for a string", (r) => r.bytesString(), spell(1)],
    ["a string for data", (r) => r.bin(), s("a")],
    ["a short MAC", (r) => r.mac(), spell(0xc4, 31, Buffer.alloc(31))],
    ["a nil for a MAC", (r) => r.mac(), spell(0xc0)],
    ["a number for a boolean", (r) => r.bool(), spell(1)],
    ["a float for a number", (r) => r.number(), spell(0xcb, Buffer.alloc(8))],
    ["2^53", (r) => r.number(), u64(2n ** 53n)],
    ["-2^53", (r) => r.number(), i64(-(2n ** 53n))],
    ["2^16 for 16 bits", (r) => r.u16(), spell(0xce, 0, 1, 0, 0)],
    ["2^32 for 32 bits", (r) => r.u32(), u64(2n ** 32n)],
    ["a negative count", (r) => r.count(), spell(0xff)],
    ["a negative u64", (r) => r.u64(), i64(-1n)],
    ["another extension for a time", (r) => r.time(), spell(0xd6, 5, 0, 0, 0, 0)],
    ["a time of 3 bytes", (r) => r.time(), spell(0xc7, 3, 0xff, 0, 0, 0)],
    ["a nil for a time", (r) => r.time(), spell(0xc0, 0xff)],
    ["the byte that is none", (r) => r.skip(), spell(0xc1)],
  ])("refuses %s", (_, read_, bytes) => {
    expect(() => read_(reader(bytes))).toThrow(expect.objectContaining({ kind: "corrupted", code: "msgpack-damaged" }));
  });
});
