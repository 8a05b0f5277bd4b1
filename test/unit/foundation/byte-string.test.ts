import { string as anyString, assert, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { fromBytes, fromText, nativePath, toBytes, toDisplay, toEscapedText } from "../../../src/foundation/index.ts";

describe("bytes as text", () => {
  test("any bytes come back from their escaped text", () => {
    assert(
      property(uint8Array({ maxLength: 40 }), (bytes) => {
        expect(fromText(toEscapedText(fromBytes(bytes)))).toBe(fromBytes(bytes));
      }),
      { seed: 20_261_126, numRuns: 2_000 },
    );
  });

  test("any text without lone surrogates is its own escaped text", () => {
    assert(
      property(anyString({ unit: "grapheme" }), (text) => {
        expect(toEscapedText(fromText(text))).toBe(text);
      }),
      { seed: 20_261_126, numRuns: 2_000 },
    );
  });

  test("UTF-8 beside stray bytes stays readable, as PEP 383 has it", () => {
    const bytes = Buffer.concat([Buffer.from("ü🦜"), Buffer.from([0xff, 0x80]), Buffer.from("é")]);
    expect(toEscapedText(fromBytes(bytes))).toBe("ü🦜\udcff\udc80é");
  });

  test("a path with stray bytes reaches the file system as bytes, any other as text", () => {
    expect(nativePath("/tmp/ü")).toBe("/tmp/ü");
    expect(nativePath("/tmp/\udcff")).toEqual(Buffer.from([...Buffer.from("/tmp/"), 0xff]));
  });

  test("what is shown drives no terminal", () => {
    expect(toDisplay(fromText("a\u001b[31mb\u202ec\nd\udcff"))).toBe(String.raw`a\x1b[31mb\xe2\x80\xaec\x0ad\xff`);
    expect(toDisplay(fromText("a\u001b[31mb\u202ec"))).toBe(String.raw`a\x1b[31mb\u202ec`);
    expect(toBytes(fromText("\udc41"))).not.toEqual(Buffer.from("A"));
  });
});
