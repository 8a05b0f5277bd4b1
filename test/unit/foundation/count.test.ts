import { expect, test } from "vitest";
import { count } from "../../../src/foundation/index.ts";

test("one is one, and everything else is many", () => {
  expect([0, 1, 2].map((number) => count(number, "file"))).toStrictEqual(["0 files", "1 file", "2 files"]);
  expect(count(1, "directory", "directories")).toBe("1 directory");
  expect(count(3, "directory", "directories")).toBe("3 directories");
});
