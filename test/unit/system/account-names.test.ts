import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AccountNames } from "../../../src/system/account-names.ts";
import { capabilities, forgetAccountNames, groupName, userName } from "../../../src/system/index.ts";
import { temporaryDirectories } from "./temporary.ts";

const temporary = temporaryDirectories();
const UNKNOWN = 3_999_999_999;

test("root has a name, and an unknown number has none", ({ skip }) => {
  skip(process.platform !== "linux", "account files are looked at on Linux only");
  expect([userName(0), groupName(0)]).toEqual(["root", "root"]);
  expect([userName(UNKNOWN), groupName(UNKNOWN)]).toEqual(["", ""]);
  forgetAccountNames();
  expect(userName(0)).toBe("root");
});

test("the first line with a number counts, and lines that are no accounts are skipped", () => {
  const file = join(temporary(), "passwd");
  writeFileSync(file, "# note\n+::::::\nalice:x:3999999001:1::/:/bin/sh\nbob:x:3999999001:1::/:\n\n:x:7:\nodd:x:\n");
  const names = new AccountNames(file, "getpwuid_r");
  expect(names.nameOf(3_999_999_001)).toBe("alice");
  expect(names.nameOf(UNKNOWN)).toBe("");
});

test("what the file does not know is asked of the system, and remembered until forgotten", ({ skip }) => {
  skip(!capabilities().fifos, capabilities().reason);
  const file = join(temporary(), "group");
  const names = new AccountNames(file, "getgrgid_r");
  expect(names.nameOf(0)).toBe("root");
  writeFileSync(file, "changed:x:0:\n");
  expect(names.nameOf(0)).toBe("root");
  names.forget();
  expect(names.nameOf(0)).toBe("changed");
});
