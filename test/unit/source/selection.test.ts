import { expect, test } from "vitest";
import { fromText, toText } from "../../../src/foundation/index.ts";
import { selectionOf } from "../../../src/source/fs/selection.ts";

/** The root that is chosen for directories, and the names that are walked below it. */
function selected(...paths: readonly string[]): {
  root: string | undefined;
  partial: Record<string, readonly string[]>;
} {
  const { root, partial } = selectionOf(paths.map(fromText), () => true);
  return { root: toText(root), partial: Object.fromEntries(partial) };
}

test("directories of several drives and shares are in one snapshot, whose root is above them all", () => {
  expect(selected("/C:/Users/me", "/D:/Photos", "/server/share/x")).toStrictEqual({
    root: "/",
    partial: {
      "/": ["C:", "D:", "server"],
      "/C:": ["Users"],
      "/C:/Users": ["me"],
      "/D:": ["Photos"],
      "/server": ["share"],
      "/server/share": ["x"],
    },
  });
});

test("whole drives beside what lies on them are walked whole", () => {
  expect(selected("/D:", "/C:/a", "/C:", "/D:/b")).toStrictEqual({ root: "/", partial: { "/": ["C:", "D:"] } });
});

test("of one drive, or one share, the root is the nearest directory above", () => {
  expect(selected("/C:/a/b", "/C:/a/c").root).toBe("/C:/a");
  expect(selected("/C:/a", "/C:/b").root).toBe("/C:");
  expect(selected("/server/share/a", "/server/share/b").root).toBe("/server/share");
  expect(selected("/server/one", "/server/two").root).toBe("/server");
  expect(selected("/C:").root).toBe("/C:");
});
