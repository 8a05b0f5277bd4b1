import { describe, expect, test } from "vitest";
import { fromText, toText } from "../../../src/foundation/index.ts";
import { parseTarget, pathInSnapshot } from "../../../src/snapshot/target.ts";

const { raw } = String;

describe("what a command line says of a snapshot", () => {
  test.each([
    ["", "", ""],
    ["latest", "latest", ""],
    [":/etc", "", "/etc"],
    ["b2c7:/etc/a:b", "b2c7", "/etc/a:b"],
    [raw`latest:C:\x`, "latest", raw`C:\x`],
    ["b2c70a17:C:/x", "b2c70a17", "C:/x"],
    [raw`b2c7:\\server\share`, "b2c7", raw`\\server\share`],
    ["cc:/x", "cc", "/x"],
  ])("%s is the same on every system", (text, snapshot, path) => {
    expect(parseTarget(text, false)).toStrictEqual({ snapshot, path });
    expect(parseTarget(text, true)).toStrictEqual({ snapshot, path });
  });

  test.each([raw`C:\x`, "c:/x", "C:", "D:\\", raw`\\server\share\x`, "//server/share", raw`\\?\C:\x`])(
    "%s is a path in the newest snapshot on Windows, and no beginning of an id",
    (text) => {
      expect(parseTarget(text, true)).toStrictEqual({ snapshot: "", path: text });
    },
  );

  test("one digit of an id is enough elsewhere", () => {
    expect(parseTarget("c:/x", false)).toStrictEqual({ snapshot: "c", path: "/x" });
  });
});

describe("a typed path in a snapshot", () => {
  const windows = (typed: string, root = "/C:/Users"): string | undefined =>
    toText(pathInSnapshot(typed, fromText(root), { isOfWindows: true }));
  const elsewhere = (typed: string, root = "/srv"): string | undefined =>
    toText(pathInSnapshot(typed, fromText(root), { isOfWindows: false }));

  test.each([
    [raw`C:\Users\me`, "/C:/Users/me"],
    ["c:/Users/me", "/C:/Users/me"],
    ["/c:/Users/me", "/C:/Users/me"],
    ["/C:/Users/me", "/C:/Users/me"],
    ["D:", "/D:"],
    ["D:\\", "/D:"],
    [raw`C:\Users\.\me\..\you`, "/C:/Users/you"],
    [raw`\\?\C:\Users\me`, "/C:/Users/me"],
    [raw`\\server\share\x`, "/server/share/x"],
    ["//server/share/x", "/server/share/x"],
    [raw`\\?\UNC\server\share\x`, "/server/share/x"],
    [raw`me\file`, "/C:/Users/me/file"],
    ["me/file", "/C:/Users/me/file"],
    [raw`..\Windows`, "/C:/Windows"],
    ["/", "/"],
    ["ü 日", "/C:/Users/ü 日"],
  ])("of Windows: %s is %s", (typed, path) => {
    expect(windows(typed)).toBe(path);
  });

  test.each([
    ["/etc", "/etc"],
    ["a/../b", "/srv/b"],
    [raw`a\b`, raw`/srv/a\b`],
    ["C:/x", "/srv/C:/x"],
    ["/c:/x", "/c:/x"],
    ["//a//b/", "/a/b"],
  ])("of another system: %s is %s", (typed, path) => {
    expect(elsewhere(typed)).toBe(path);
  });
});
