import { lstatSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { giveTime } from "../../../src/destination/fs/times.ts";
import { fromText } from "../../../src/foundation/index.ts";
import { setModifiedTime } from "../../../src/system/index.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();
const YEAR_NS = 31_556_952_000_000_000n;

test.each([
  ["1970", 1n],
  ["1902", -68n * YEAR_NS],
  ["1800", -170n * YEAR_NS],
  ["2037", 67n * YEAR_NS],
  ["2250", 280n * YEAR_NS],
])("a time of %s is there, or it is told that the file system has none such", (_, modifiedNs) => {
  const file = join(temporary(), "file");
  writeFileSync(file, "");
  // what this file system makes of it
  setModifiedTime(fromText(file), modifiedNs);
  const isHeld = lstatSync(file, { bigint: true }).mtimeNs === modifiedNs;
  const give = (): void => giveTime(fromText(file), modifiedNs);
  if (isHeld) give();
  else expect(give).toThrow("holds no time that far away");
  expect(lstatSync(file, { bigint: true }).mtimeNs === modifiedNs).toBe(isHeld);
});
