import { describe, expect, test } from "vitest";
import { fromLatin1, fromText, toText } from "../../../src/foundation/index.ts";
import {
  fromWindowsPath,
  fromWindowsTarget,
  isAboveDrives,
  isWindowsPath,
  toWindowsPath,
  toWindowsTarget,
  typedOnWindows,
} from "../../../src/foundation/windows-path.ts";

const { raw } = String;

describe("paths of Windows in snapshots", () => {
  test.each([
    ["a drive", raw`C:\Users\me`, "/C:/Users/me"],
    ["a drive in lower case", raw`c:\Users\me`, "/C:/Users/me"],
    ["slashes instead of backslashes", "C:/Users/me", "/C:/Users/me"],
    ["the root of a drive", "C:\\", "/C:"],
    ["a directory with a backslash at its end", "C:\\Users\\", "/C:/Users"],
    ["the prefix of long paths", raw`\\?\C:\Users`, "/C:/Users"],
    ["the prefix of devices", raw`\\.\C:\Users`, "/C:/Users"],
    ["a share", raw`\\server\share\x`, "/server/share/x"],
    ["the root of a share", "\\\\server\\share\\", "/server/share"],
    ["a share behind the prefix", raw`\\?\UNC\server\share\x`, "/server/share/x"],
    ["a volume without a letter", raw`\\?\Volume{1-2}\x`, "/?/Volume{1-2}/x"],
    ["text beyond ASCII", raw`C:\ü 日`, "/C:/ü 日"],
  ])("%s has one form", (_, windows, snapshot) => {
    expect(toText(fromWindowsPath(fromText(windows)))).toBe(snapshot);
  });

  test.each([
    ["/C:/Users/me", raw`\\?\C:\Users\me`],
    ["/C:", "C:\\"],
    ["/server/share/x", raw`\\?\UNC\server\share\x`],
    ["/server/share", "\\\\server\\share\\"],
    ["/?/Volume{1-2}/x", raw`\\?\Volume{1-2}\x`],
    ["/?/Volume{1-2}", "\\\\?\\Volume{1-2}\\"],
  ])("%s is reached without a limit of length, and comes back", (snapshot, windows) => {
    expect(toText(toWindowsPath(fromText(snapshot)))).toBe(windows);
    expect(toText(fromWindowsPath(toWindowsPath(fromText(snapshot))))).toBe(snapshot);
  });

  test("names that are no UTF-16 text come through as the bytes that Node gives for them", () => {
    const path = fromLatin1("/C:/\xed\xa0\x80");
    expect(toWindowsPath(path)).toBe("\\\\?\\C:\\\xed\xa0\x80");
    expect(fromWindowsPath(toWindowsPath(path))).toBe(path);
  });

  test("what is a path of Windows already stays one", () => {
    const path = toWindowsPath(fromText("/C:/a"));
    expect(toWindowsPath(path)).toBe(path);
  });

  test.each(["C:\\", "C:/x", "z:", raw`\\server\share`, "//server/share", raw`\\?\C:\x`])(
    "%s begins as only paths of Windows do",
    (path) => {
      expect(isWindowsPath(path)).toBe(true);
    },
  );

  test.each(["", "/", "/C:/x", "C", "C:x", "CC:/x", "fs:C:/x", "s3://bucket", "latest:/x", raw`\x`, "///x", "a/b"])(
    "%s does not",
    (path) => {
      expect(isWindowsPath(path)).toBe(false);
    },
  );

  test("the slash that snapshots and URLs have before a drive is left away, and no other", () => {
    expect(["/C:/x", raw`/c:\x`, "/C:"].map(typedOnWindows)).toEqual(["C:/x", raw`c:\x`, "C:"]);
    const others = ["C:/x", "//server/share", "/x", "/C:x", "/CC:/x"];
    expect(others.map(typedOnWindows)).toEqual(others);
  });

  test("only drives and shares are there to be looked at, what stands above them is not", () => {
    expect(["/", "/server", "/?"].map((path) => isAboveDrives(fromText(path)))).toEqual([true, true, true]);
    const real = ["/C:", "/C:/a", "/server/share", "/?/Volume{1}"];
    expect(real.map((path) => isAboveDrives(fromText(path)))).toEqual([false, false, false, false]);
  });
});

describe("targets of links", () => {
  test.each([
    [raw`..\a\b`, "../a/b"],
    [raw`C:\a`, "/C:/a"],
    ["C:\\", "/C:/"],
    [raw`\\?\C:\a`, "/C:/a"],
    [raw`\\server\share\x`, "//server/share/x"],
    [raw`\a`, "/a"],
    ["a", "a"],
  ])("%s is %s in a snapshot, and comes back", (windows, snapshot) => {
    const same = (name: string): never => name as never;
    expect(fromWindowsTarget(fromText(windows))).toBe(snapshot);
    expect(toWindowsTarget(fromText(snapshot), same)).toBe(windows.replace("\\\\?\\", ""));
  });
});
