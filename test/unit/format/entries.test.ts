import { describe, expect, it } from "vitest";
import {
  asMac,
  decodeEntry,
  decodeErrorEntry,
  decodeObject,
  decodeXattrEntry,
  encodeEntry,
  encodeErrorEntry,
  encodeFileInfo,
  encodeObject,
  encodeXattrEntry,
  type FileInfo,
  fileInfoSlice,
  V1_0_0,
  type VfsEntry,
  zeroMac,
} from "../../../src/format/index.ts";
import { type ByteString, fromBytes } from "../../../src/foundation/index.ts";
import { hex } from "./samples.ts";
import { f64, i64, mac, type Spelled, s, spell, u32, u64 } from "./spell.ts";

const name = fromBytes(Buffer.of(0x66, 0xff, 0x00 + 0x41)); // not UTF-8
const fileInfo: FileInfo = {
  name,
  size: 2 ** 40,
  mode: 0o644,
  modTimeNs: -1_500_000_000n,
  dev: 65024n,
  ino: 2n ** 64n - 1n,
  uid: 1000n,
  gid: 100n,
  nlink: 65535,
  username: "zoë",
  groupname: "",
  flags: 0,
};
// the twelve fields in Go's order and widths
const spelledFileInfo: Spelled = [
  [0x8c, s("name"), 0xa3, Buffer.from(name, "latin1"), s("size"), i64(2n ** 40n), s("mode"), u32(0o644)],
  [s("mod_time"), 0xc7, 12, 0xff, [0x1d, 0xcd, 0x65, 0x00], Buffer.from("fffffffffffffffe", "hex")],
  [s("dev"), u64(65024n), s("ino"), u64(2n ** 64n - 1n), s("uid"), u64(1000n), s("gid"), u64(100n)],
  [s("nlink"), 0xcd, 0xff, 0xff, s("username"), s("zoë"), s("groupname"), s(""), s("flags"), u32(0)],
];
const common: VfsEntry = { version: V1_0_0, parentPath: "/a" as ByteString, fileInfo, object: zeroMac };
const head: Spelled = [s("version"), u32(0x10000), s("parent_path"), s("/a"), s("file_info"), spelledFileInfo];
const summaryAndObject: Spelled = [s("summary"), 0xc0, s("object"), mac(0)];

describe("an entry", () => {
  it("of which nothing is optional has five fields, byte for byte", () => {
    const bytes = spell(0x85, head, summaryAndObject);
    expect(hex(encodeEntry(common))).toBe(hex(bytes));
    expect(decodeEntry(bytes)).toStrictEqual(common);
  });

  it("of a regular file, byte for byte", () => {
    const file: VfsEntry = {
      ...common,
      object: asMac(Buffer.alloc(32, 9)),
      contentType: "text/plain; charset=utf-8",
      entropy: 2.25,
      chunks: 3,
      extendedAttributes: ["user.a", "user.b"] as ByteString[],
    };
    const content: Spelled = [s("content_type"), s("text/plain; charset=utf-8"), s("entropy"), f64(2.25)];
    const attributes: Spelled = [s("extended_attributes"), 0x92, s("user.a"), s("user.b")];
    const object: Spelled = [s("summary"), 0xc0, s("object"), mac(9)];
    const bytes = spell(0x89, head, object, content, s("chunks"), u64(3n), attributes);
    expect(hex(encodeEntry(file))).toBe(hex(bytes));
    expect(decodeEntry(bytes)).toStrictEqual(file);
  });

  it("of a symbolic link keeps any bytes of its target", () => {
    const target = fromBytes(Buffer.of(0x2e, 0x80));
    const bytes = encodeEntry({ ...common, symlinkTarget: target, contentType: "application/x-not-regular-file" });
    expect(hex(bytes)).toContain(hex(spell(s("symlink_target"), 0xa2, 0x2e, 0x80, s("object"))));
    expect(decodeEntry(bytes).symlinkTarget).toBe(target);
  });

  it("omits what is zero or empty: written, the next backup of the Go implementation would lose it", () => {
    const zeros = { ...common, entropy: 0, chunks: 0, contentType: "", extendedAttributes: [], symlinkTarget: "" };
    expect(hex(encodeEntry(zeros as unknown as VfsEntry))).toBe(hex(encodeEntry(common)));
  });

  it("keeps rare fields as they stood, in their places", () => {
    const streams: Spelled = [s("alternate_data_streams"), 0x91, s("x")];
    const more: Spelled = [s("classifications"), 0x90, s("tags"), 0x91, 0xd9, 1, "t"];
    const bytes = spell(
      [0x8b, head, s("summary"), 0x81, s("below"), 0x80, s("object"), mac(0)],
      [streams, s("security_descriptor"), 0xc4, 1, 5, s("file_attributes"), u32(7)],
      [s("extended_attributes"), 0x91, s("user.a"), more],
    );
    expect(hex(encodeEntry(decodeEntry(bytes)))).toBe(hex(bytes));
  });

  it("notes keys that are not known, also of the file", () => {
    const strange = spell(0x86, head, summaryAndObject, s("colour"), 0x92, 1, 2);
    expect(decodeEntry(strange)).toStrictEqual({ ...common, unknownKeys: ["colour"] });
    const file = spell(0x82, s("name"), s("n"), s("shape"), 1);
    const nested = spell(0x82, s("parent_path"), s("/"), s("file_info"), file);
    expect(decodeEntry(nested).unknownKeys).toStrictEqual(["shape"]);
  });

  it.each(["", ".", "..", "a/b", "/a", "a\0b"])("with a name that could leave its directory is refused: %j", (bad) => {
    const bytes = encodeEntry({ ...common, fileInfo: { ...fileInfo, name: bad as ByteString } });
    expect(() => decodeEntry(bytes)).toThrow(expect.objectContaining({ kind: "corrupted", code: "entry-damaged" }));
  });

  it("named / is the root's", () => {
    const bytes = encodeEntry({ ...common, fileInfo: { ...fileInfo, name: "/" as ByteString } });
    expect(decodeEntry(bytes).fileInfo.name).toBe("/");
  });

  it.each([
    spell(0x80),
    spell(0xc0),
    spell(0x81, s("parent_path"), s("/")),
    spell(0x81, s("file_info"), spelledFileInfo),
  ])("without a path or a file is refused", (bytes) =>
    expect(() => decodeEntry(bytes)).toThrow(expect.objectContaining({ kind: "corrupted" })),
  );

  it("of a newer version is not interpreted", () => {
    const newer = encodeEntry({ ...common, version: 0x10001 });
    expect(() => decodeEntry(newer)).toThrow(expect.objectContaining({ kind: "newer", code: "version-newer" }));
  });
});

describe("a file's twelve fields", () => {
  it("are the same alone and within an entry", () => {
    expect(hex(encodeFileInfo(fileInfo))).toBe(hex(spell(spelledFileInfo)));
    expect(hex(fileInfoSlice(encodeEntry(common)))).toBe(hex(encodeFileInfo(fileInfo)));
  });

  it("are found behind keys that are not known", () => {
    const bytes = spell(0x82, s("strange"), [0x91, 0x80], s("file_info"), 0x81, s("name"), s("n"));
    expect(hex(fileInfoSlice(bytes))).toBe(hex(spell(0x81, s("name"), s("n"))));
    expect(fileInfoSlice(spell(0x80)).length).toBe(0);
  });

  it("keep a size of -1, which plugins use", () => {
    const bytes = encodeEntry({ ...common, fileInfo: { ...fileInfo, size: -1 } });
    expect(decodeEntry(bytes).fileInfo.size).toBe(-1);
  });
});

describe("an object", () => {
  const chunk = { version: V1_0_0, mac: asMac(Buffer.alloc(32, 2)), length: 12, entropy: 0, flags: 0 };
  const object = { version: V1_0_0, contentMac: asMac(Buffer.alloc(32, 1)), chunks: [chunk, chunk], flags: 0 };
  const spelledChunk: Spelled = [
    [0x85, s("version"), u32(0x10000), s("contentMAC"), mac(2), s("length"), u32(12)],
    [s("entropy"), f64(0), s("flags"), u32(0)],
  ];
  const start: Spelled = [s("version"), u32(0x10000), s("contentMAC"), mac(1), s("chunks"), 0x92];

  it("omits its type and entropy where there are none, its chunks never", () => {
    const bytes = spell(0x84, start, spelledChunk, spelledChunk, s("flags"), u32(0));
    expect(hex(encodeObject({ ...object, contentType: "", entropy: 0 }))).toBe(hex(bytes));
    expect(decodeObject(bytes)).toStrictEqual({ ...object, contentType: "", entropy: 0 });
  });

  it("has its type and entropy between the chunks and the flags", () => {
    const rest: Spelled = [s("content_type"), s("a/b"), s("entropy"), f64(7.5), s("flags"), u32(0)];
    const bytes = spell(0x86, start, spelledChunk, spelledChunk, rest);
    expect(hex(encodeObject({ ...object, contentType: "a/b", entropy: 7.5 }))).toBe(hex(bytes));
    expect(decodeObject(bytes)).toStrictEqual({ ...object, contentType: "a/b", entropy: 7.5 });
  });

  it("cannot ask for more chunks than its bytes hold", () => {
    const bytes = spell(0x81, s("chunks"), 0xdd, 0, 1, 0, 0, Buffer.alloc(70_000, 0x80));
    expect(() => decodeObject(bytes)).toThrow(expect.objectContaining({ code: "msgpack-damaged" }));
  });
});

describe("records of attributes and errors", () => {
  it("of an attribute, byte for byte", () => {
    const path = "/a" as ByteString;
    const record = { version: V1_0_0, path, name: "user.x" as ByteString, size: 3, type: 1, object: zeroMac };
    const bytes = spell(
      [0x86, s("version"), u32(0x10000), s("path"), s("/a"), s("name"), s("user.x")],
      [s("size"), i64(3n), s("type"), 0xcc, 1, s("object"), mac(0)],
    );
    expect(hex(encodeXattrEntry(record))).toBe(hex(bytes));
    expect(decodeXattrEntry(bytes)).toStrictEqual(record);
  });

  it("of an error, byte for byte, with a path that is not UTF-8 in both", () => {
    const path = fromBytes(Buffer.of(0x2f, 0xfe));
    const message = spell("open /", 0xfe, ": permission denied");
    const bytes = spell(
      [0x83, s("version"), u32(0x10000), s("name"), 0xa2, 0x2f, 0xfe],
      [s("error"), 0xa0 + message.length, message],
    );
    const record = decodeErrorEntry(bytes);
    expect(record.name).toBe(path);
    expect(hex(encodeErrorEntry(record))).toBe(hex(bytes));
  });
});
