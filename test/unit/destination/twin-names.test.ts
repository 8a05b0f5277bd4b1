import { describe, expect, test } from "vitest";
import { twinsAmong } from "../../../src/destination/index.ts";
import { foldedName } from "../../../src/destination/twin-names.ts";
import { type ByteString, fromLatin1, fromText } from "../../../src/foundation/index.ts";

/** Which of the names may meet another of them. */
function twins(...names: readonly ByteString[]): ByteString[] {
  const isTwin = twinsAmong(names);
  return names.filter((name) => isTwin(name));
}

describe("names that some file system takes for one fold to the same", () => {
  test.each([
    ["letters", "ReadMe.TXT", "rEADmE.txt"],
    ["letters beyond ASCII", "ÄÖÜ", "äöü"],
    ["letters of two lower cases", "ΣΑΣ", "σας"],
    ["a letter that becomes two", "STRASSE", "straße"],
    ["the sign of the kelvin", "\u212a", "k"],
    ["composed and decomposed", "\u00e9t\u00e9", "e\u0301te\u0301"],
    ["decomposed, other letters", "\u00c9", "e\u0301"],
    ["marks in another order", "q\u0323\u0307", "q\u0307\u0323"],
    ["what HFS+ does not see", "a\u200db", "ab"],
    ["dots and spaces at the end", "name. .", "name"],
    ["a ligature", "ﬁle", "FILE"],
  ])("%s: %s and %s", (_what, one, other) => {
    expect(foldedName(fromText(one))).toBe(foldedName(fromText(other)));
  });
});

test("names that differ in more are told apart", () => {
  const names = ["a", "b", "aa", "é", "ё", "ß", "s", ".a", "a.b", "a b", "日", "月", "🦜", "🦊"].map(fromText);
  expect(new Set([...names, fromLatin1("\xff"), fromLatin1("\xfe")].map(foldedName)).size).toBe(names.length + 2);
});

test("of the names of a directory only those are twins that fold as another does", () => {
  expect(twins(...["Makefile", "makefile", "Name", "name.txt", "NAME"].map(fromText))).toStrictEqual(
    ["Makefile", "makefile", "Name", "NAME"].map(fromText),
  );
  expect(twins(...["a", "b", "notes~", "~$letter.docx", "file.~1~", "much-longer~1.txt"].map(fromText))).toStrictEqual(
    [],
  );
});

test("a name that looks like a short form may stand for any other", () => {
  for (const short of ["LONGNA~1.TXT", "longna~1", "MI2F3A~1.JPG", "A~AB3.C"]) {
    const names = ["long name.txt", short, "other"].map(fromText);
    expect(twins(...names), short).toStrictEqual(names);
  }
});
