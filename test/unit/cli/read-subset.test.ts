import { expect, test } from "vitest";
import { parseReadSubset } from "../../../src/cli/read-subset.ts";

test.each<[string, object]>([
  ["5%", { kind: "share", share: 0.05 }],
  ["0.5%", { kind: "share", share: 0.005 }],
  ["100%", { kind: "share", share: 1 }],
  ["1/1", { kind: "part", part: 1, parts: 1 }],
  ["7/30", { kind: "part", part: 7, parts: 30 }],
  ["500M", { kind: "size", bytes: 500 * 1024 ** 2 }],
  ["1.5GiB", { kind: "size", bytes: 1.5 * 1024 ** 3 }],
  ["64k", { kind: "size", bytes: 65536 }],
  ["2TB", { kind: "size", bytes: 2 * 1024 ** 4 }],
])("%s is a subset", (text, subset) => {
  expect(parseReadSubset(text)).toStrictEqual(subset);
});

test.each(["", "5", "%", "0%", "101%", "-1%", "0/5", "6/5", "1/0", "1/", "/", "0M", "M", "5X", "1e3M", "5 %", "NaN%"])(
  "%j is a usage error",
  (text) => {
    expect(() => parseReadSubset(text)).toThrow(expect.objectContaining({ kind: "usage" }));
  },
);
