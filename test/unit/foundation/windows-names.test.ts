import { string as anyString, array, assert, constantFrom, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ByteString,
  fromBytes,
  fromLatin1,
  fromText,
  toText,
  toWindowsName,
} from "../../../src/foundation/index.ts";

const mapped = (name: string): string | undefined => toText(toWindowsName(fromText(name)));

/** The stated way back: each of these characters is the byte that its code ends with. */
function wayBack(name: ByteString): ByteString {
  return fromLatin1(
    name.replaceAll(/\xef[\x80-\x83][\x80-\xbf]/g, (three) =>
      String.fromCharCode(((three.charCodeAt(1) & 0x3f) << 6) | (three.charCodeAt(2) & 0x3f)),
    ),
  );
}

const reserved = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/i;

describe("names on Windows", () => {
  test.each([
    "a",
    "a.txt",
    "ü 日.txt",
    " a",
    ".profile",
    "console",
    "com",
    "com10",
    "nulls.txt",
    "a%3Ab",
    "aux-1",
    "🦜",
  ])("%s stays as it is", (name) => {
    expect(mapped(name)).toBe(name);
  });

  test.each([
    ["a:b", "a\uf03ab"],
    ["a?", "a\uf03f"],
    ['<>"|*', "\uf03c\uf03e\uf022\uf07c\uf02a"],
    ["a\\b", "a\uf05cb"],
    ["a\nb", "a\uf00ab"],
    ["a.", "a\uf02e"],
    ["a ", "a\uf020"],
    ["a..", "a.\uf02e"],
    ["...", "..\uf02e"],
    ["CON", "\uf043ON"],
    ["con.txt", "\uf063on.txt"],
    ["nul.tar.gz", "\uf06eul.tar.gz"],
    ["Com1", "\uf043om1"],
    ["COM¹", "\uf043OM¹"],
    ["lpt9 .x", "\uf06cpt9 .x"],
    ["CONIN$", "\uf043ONIN$"],
    ["aux ", "aux\uf020"],
  ])("%j becomes %j", (name, on) => {
    expect(mapped(name)).toBe(on);
  });

  test("bytes that are no UTF-8 become characters of their own", () => {
    expect(toText(toWindowsName(fromLatin1("a\xff\xc3")))).toBe("a\uf0ff\uf0c3");
  });

  test("unpaired surrogates, as snapshots of Windows have them, stay; pairs written as two are no text", () => {
    expect(toWindowsName(fromLatin1("\xed\xa0\x80"))).toBe("\xed\xa0\x80");
    expect(toWindowsName(fromLatin1("\xed\xb0\x80x"))).toBe("\xed\xb0\x80x");
    expect(toText(toWindowsName(fromLatin1("\xed\xa0\x80\xed\xb0\x80")))).toBe("\uf0ed\uf0a0\uf080\uf0ed\uf0b0\uf080");
  });

  test("whatever a name is, Windows can hold what it becomes, and the way back leads to the name", () => {
    const awkward = constantFrom(
      "CON",
      "nul",
      "COM1",
      ".",
      " ",
      ":",
      "\\",
      "?",
      "a",
      "\ud83d\ude00",
      "ü",
      "$",
      "\u0001",
    );
    const names = array(awkward, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
    assert(
      property(names, (name) => {
        const on = toText(toWindowsName(fromText(name))) ?? "";
        // oxlint-disable-next-line no-control-regex -- what Windows refuses
        expect(on).not.toMatch(/[\u0000-\u001f"*:<>?|\\/]|[ .]$/);
        expect(on).not.toMatch(reserved);
        expect(wayBack(toWindowsName(fromText(name)))).toBe(fromText(name));
      }),
      { seed: 20_261_127, numRuns: 3_000 },
    );
  });

  test("any bytes become a name and come back, unless they hold such characters themselves", () => {
    assert(
      property(uint8Array({ minLength: 1, maxLength: 12 }), (bytes) => {
        const name = fromBytes(bytes);
        if (/\xef[\x80-\x83]/.test(name)) return;
        expect(wayBack(toWindowsName(name))).toBe(name);
      }),
      { seed: 20_261_127, numRuns: 3_000 },
    );
  });

  test("a name that was mapped is not mapped again", () => {
    assert(
      property(anyString({ minLength: 1, unit: "grapheme" }), (name) => {
        const once = toWindowsName(fromText(name));
        expect(toWindowsName(once)).toBe(once);
      }),
      { seed: 20_261_127, numRuns: 2_000 },
    );
  });
});
