import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  asLockId,
  asMac,
  asPackfileId,
  asSnapshotId,
  asStateId,
  decodeLock,
  decodePackFooter,
  decodePackIndex,
  decodeSignature,
  encodeDirpackFrame,
  encodeLock,
  encodePackFooter,
  encodePackIndex,
  encodePtarFooter,
  formatVersion,
  isId,
  isPtarHeader,
  PTAR_FOOTER_BYTES,
  PTAR_HEADER_BYTES,
  ptarHeader,
  ResourceType,
  readDirpack,
  readPtarFooter,
  STATE_VERSION,
  unwrap,
  unwrapUnchecked,
  V1_0_0,
  wrap,
  wrapperHeader,
  zeroMac,
} from "../../../src/format/index.ts";
import { goldenPtars } from "../../support/golden-reader.ts";
import { hex } from "./samples.ts";
import { s, spell, u32 } from "./spell.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const body = Buffer.from("body");
const corruptedAs = (code: string): unknown => expect.objectContaining({ kind: "corrupted", code });

describe("the wrapper of every file", () => {
  const expected = { type: ResourceType.state, maxVersion: STATE_VERSION, what: "state 12345678" };
  const start = spell("_KLOSET_", [3, 0, 0, 0], [0, 1, 1, 0]);
  const file = wrap(ResourceType.state, STATE_VERSION, body, sha256);

  it("is magic, type, version, body, and a MAC over all that", () => {
    expect(hex(wrapperHeader(ResourceType.state, STATE_VERSION))).toBe(hex(start));
    expect(hex(file)).toBe(hex(spell(start, body, sha256(spell(start, body)))));
    expect(unwrap(file, expected, sha256)).toStrictEqual({ version: STATE_VERSION, body: new Uint8Array(body) });
  });

  it("may have the magic of old", () => {
    const old = spell("_PLAKAR_", start.subarray(8), body);
    expect(hex(unwrap(spell(old, sha256(old)), expected, sha256).body)).toBe(hex(body));
  });

  it("tells a flipped bit anywhere", () => {
    for (let at = 0; at < file.length; at++) {
      const flipped = Buffer.from(file);
      flipped[at] = (flipped[at] as number) ^ 1;
      expect(() => unwrap(flipped, expected, sha256)).toThrow(corruptedAs(at < 8 ? "wrapper-damaged" : "mac-mismatch"));
    }
  });

  it("of another type, or cut off, is damaged", () => {
    const lock = { ...expected, type: ResourceType.lock };
    expect(() => unwrap(file, lock, sha256)).toThrow(corruptedAs("wrapper-damaged"));
    expect(() => unwrap(file.subarray(0, 47), expected, sha256)).toThrow(corruptedAs("wrapper-damaged"));
    expect(() => unwrapUnchecked(new Uint8Array())).toThrow(corruptedAs("wrapper-damaged"));
  });

  it("of a newer version is said to be newer, but only when its bytes are sound", () => {
    const newer = wrap(ResourceType.state, 0x10200, body, sha256);
    expect(() => unwrap(newer, expected, sha256)).toThrow(expect.objectContaining({ kind: "newer" }));
    newer[20] = 0;
    expect(() => unwrap(newer, expected, sha256)).toThrow(corruptedAs("mac-mismatch"));
    expect(formatVersion(0x10203)).toBe("1.2.3");
  });

  it("of an older version is opened", () => {
    const older = wrap(ResourceType.state, V1_0_0, body, sha256);
    expect(unwrap(older, expected, sha256).version).toBe(V1_0_0);
  });
});

describe("ids", () => {
  it("are 64 lower-case hex digits", () => {
    const id = "0123456789abcdef".repeat(4);
    for (const as of [asPackfileId, asStateId, asSnapshotId, asLockId]) {
      expect(as(id)).toBe(id);
      for (const bad of [id.slice(1), `${id}0`, id.toUpperCase(), `${id.slice(1)}\n`, "tmp.12"]) {
        expect(() => as(bad)).toThrow(corruptedAs("id-form"));
        expect(isId(bad)).toBe(false);
      }
    }
  });

  it("as MACs are copies of 32 bytes", () => {
    const large = new Uint8Array(100).fill(1);
    const mac = asMac(large.subarray(10, 42));
    large.fill(2);
    expect(mac.every((byte) => byte === 1)).toBe(true);
    expect(() => asMac(large)).toThrow(corruptedAs("mac-length"));
  });
});

describe("a packfile's index and footer", () => {
  const record = { type: 9, version: V1_0_0, mac: asMac(Buffer.alloc(32, 1)), offset: 2 ** 33, length: 5, flags: 6 };
  const spelled = spell(
    [9, 0, 0, 0],
    [0, 0, 1, 0],
    Buffer.alloc(32, 1),
    [0, 0, 0, 0, 2, 0, 0, 0],
    [5, 0, 0, 0, 6, 0, 0, 0],
  );

  it("have records of 56 bytes", () => {
    expect(hex(encodePackIndex([record, record]))).toBe(hex(spell(spelled, spelled)));
    expect(decodePackIndex(spell(spelled, spelled))).toStrictEqual([record, record]);
    expect(decodePackIndex(new Uint8Array())).toStrictEqual([]);
  });

  it("have a footer of 56 bytes", () => {
    const footer = { timestampNs: -2n, count: 3, indexOffset: 2 ** 33 + 4, indexMac: zeroMac, flags: 0 };
    const bytes = spell(
      Buffer.from("feffffffffffffff", "hex"),
      [3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0],
      Buffer.alloc(32 + 4),
    );
    expect(hex(encodePackFooter(footer))).toBe(hex(bytes));
    expect(decodePackFooter(bytes)).toStrictEqual(footer);
  });

  it("of other lengths or with impossible offsets are damaged", () => {
    expect(() => decodePackIndex(spelled.subarray(1))).toThrow(corruptedAs("pack-index-damaged"));
    expect(() => decodePackFooter(new Uint8Array(57))).toThrow(corruptedAs("pack-footer-damaged"));
    expect(() => decodePackIndex(new Uint8Array(56).fill(255))).toThrow(corruptedAs("offset-damaged"));
    expect(() => decodePackFooter(new Uint8Array(56).fill(255))).toThrow(corruptedAs("offset-damaged"));
  });
});

describe("a ptar", () => {
  it.each(goldenPtars)("of the Go implementation has our header and footer: %s", (name) => {
    const file = readFileSync(join(import.meta.dirname, "..", "..", "golden", name));
    const footer = file.subarray(file.length - PTAR_FOOTER_BYTES);
    expect(isPtarHeader(file)).toBe(true);
    expect(hex(ptarHeader())).toBe(hex(file.subarray(0, PTAR_HEADER_BYTES)));
    const sections = readPtarFooter(footer, file.length);
    expect(hex(encodePtarFooter(sections))).toBe(hex(footer));
    expect(sections.config.offset).toBe(PTAR_HEADER_BYTES);
    expect(sections.state.offset + sections.state.length).toBe(file.length - PTAR_FOOTER_BYTES);
  });

  it("whose footer points outside, or whose CONFIG is long, is damaged", () => {
    const good = {
      config: { offset: 12, length: 1 },
      packfile: { offset: 13, length: 1 },
      state: { offset: 14, length: 1 },
    };
    const fileBytes = 15 + PTAR_FOOTER_BYTES;
    expect(readPtarFooter(encodePtarFooter(good), fileBytes)).toStrictEqual(good);
    for (const state of [
      { offset: 11, length: 1 },
      { offset: 14, length: 2 },
      { offset: 14, length: 0 },
      { offset: -1, length: 1 },
      { offset: 14, length: -1 },
      { offset: Number.MAX_SAFE_INTEGER, length: Number.MAX_SAFE_INTEGER },
    ]) {
      expect(() => readPtarFooter(encodePtarFooter({ ...good, state }), fileBytes)).toThrow(
        corruptedAs("ptar-damaged"),
      );
    }
    const long = encodePtarFooter({ ...good, config: { offset: 12, length: 32769 } });
    expect(() => readPtarFooter(long, 100_000)).toThrow(corruptedAs("ptar-damaged"));
    expect(() => readPtarFooter(long.subarray(1), 100_000)).toThrow(corruptedAs("ptar-damaged"));
    expect(isPtarHeader(Buffer.from("_PLATAR_"))).toBe(false);
    expect(isPtarHeader(Buffer.from("_KLOSET_1234"))).toBe(false);
  });
});

describe("a directory's frames", () => {
  const mac = asMac(Buffer.alloc(32, 4));
  const spelled = spell([1, 34, 0, 0, 0], "ab", mac);

  it("are kind, length with the MAC, entry, MAC", () => {
    expect(hex(encodeDirpackFrame(true, Buffer.from("ab"), mac))).toBe(hex(spelled));
    const frames = [...readDirpack(spell(spelled, encodeDirpackFrame(false, body, zeroMac)))];
    expect(frames.map(({ isDirectory, entry }) => [isDirectory, Buffer.from(entry).toString()])).toStrictEqual([
      [true, "ab"],
      [false, "body"],
    ]);
    expect(frames.map((frame) => hex(frame.mac))).toStrictEqual([hex(mac), hex(zeroMac)]);
    expect([...readDirpack(new Uint8Array())]).toStrictEqual([]);
  });

  it("that are cut off, too short for a MAC, or of no known kind are damaged", () => {
    for (let length = 1; length < spelled.length; length++) {
      expect(() => [...readDirpack(spelled.subarray(0, length))]).toThrow(corruptedAs("dirpack-damaged"));
    }
    for (const bad of [spell([1, 31, 0, 0, 0], Buffer.alloc(31)), spell([3, 32, 0, 0, 0], Buffer.alloc(32))]) {
      expect(() => [...readDirpack(bad)]).toThrow(corruptedAs("dirpack-damaged"));
    }
  });
});

describe("a lock", () => {
  it("says who and when, byte for byte", () => {
    const lock = { version: V1_0_0, timestampNs: 1_767_323_045_000_000_000n, hostname: "h", exclusive: true };
    const bytes = spell(
      [0x84, s("version"), u32(0x10000), s("timestamp"), 0xd6, 0xff, 0x69, 0x57, 0x35, 0xa5],
      [s("hostname"), s("h"), s("exclusive"), 0xc3],
    );
    expect(hex(encodeLock(lock))).toBe(hex(bytes));
    expect(decodeLock(bytes)).toStrictEqual(lock);
    expect(() => decodeLock(encodeLock({ ...lock, version: 0x10001 }))).toThrow(
      expect.objectContaining({ kind: "newer" }),
    );
  });
});

describe("a signature", () => {
  it("is 64 bytes", () => {
    expect(decodeSignature(new Uint8Array(64))).toHaveLength(64);
    expect(() => decodeSignature(new Uint8Array(63))).toThrow(corruptedAs("signature-damaged"));
  });
});
