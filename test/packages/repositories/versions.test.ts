import { execFileSync, spawnSync } from "node:child_process";
import { array, assert, constantFrom, pre, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { isApkVersion } from "../../../packaging/repositories/apk/version-order.ts";
import { apkClient } from "../../support/repositories/apk-client.ts";
import { missingPrograms } from "../../support/repositories/client.ts";
import { kinds } from "../../support/repositories/small-packages.ts";

const [apt, yum, apk] = kinds;
const apkProgram = process.env["APK"] ?? "";

interface Reference {
  readonly name: string;
  readonly compare: ((a: string, b: string) => number) | undefined;
  /** Negative, zero or positive, as the format's own program says. */
  readonly ask: (a: string, b: string) => number;
  readonly missing: string | undefined;
  readonly ascending: readonly string[];
  readonly parts: readonly string[];
}

function askDpkg(a: string, b: string): number {
  const is = (relation: string): boolean => spawnSync("dpkg", ["--compare-versions", a, relation, b]).status === 0;
  return is("lt") ? -1 : Number(is("gt"));
}

function askRpm(a: string, b: string): number {
  return Number(execFileSync("rpm", ["--eval", `%{lua:print(rpm.vercmp("${a}", "${b}"))}`], { encoding: "utf8" }));
}

function askApk(a: string, b: string): number {
  const answer = execFileSync(apkProgram, ["version", "-t", a, b], { encoding: "utf8" }).trim();
  return { "<": -1, "=": 0, ">": 1 }[answer] ?? Number.NaN;
}

const references: Reference[] = [
  {
    name: "dpkg",
    compare: apt?.compareVersions,
    ask: askDpkg,
    missing: missingPrograms("dpkg"),
    ascending: [
      "0.9",
      "1.0~~",
      "1.0~rc.1-1",
      "1.0~rc.2-1",
      "1.0",
      "1.0-1",
      "1.0-10",
      "1.0a",
      "1.0+b1",
      "1.10",
      "1:0.1",
    ],
    parts: ["0", "1", "9", "10", "007", "a", "Z", "~", "+", ".", "-"],
  },
  {
    name: "rpm",
    compare: yum?.compareVersions,
    ask: askRpm,
    missing: missingPrograms("rpm"),
    ascending: ["0.9-1", "1.0~rc.1-1", "1.0-1", "1.0-10", "1.0^git1-1", "1.0.a-1", "1.0.1-1", "1.10-1", "1:0.1-1"],
    parts: ["0", "1", "9", "10", "007", "a", "Z", "~", "^", ".", "_"],
  },
  {
    name: "apk",
    compare: apk?.compareVersions,
    ask: askApk,
    missing: apkClient.missing,
    ascending: [
      "0.9-r0",
      "1.0_alpha1-r0",
      "1.0_rc1-r0",
      "1.0_rc2-r0",
      "1.0-r0",
      "1.0-r10",
      "1.0_p1-r0",
      "1.0.1-r0",
      "1.10-r0",
    ],
    // apk 2 and 3 disagree about leading zeros
    parts: [".1", ".10", ".0", "a", "_rc1", "_alpha", "_p2", "-r1"],
  },
];

describe.each(references)("versions in the order of $name", ({ name, compare, ask, missing, ascending, parts }) => {
  test("are sorted as its documentation says", () => {
    expect(ascending.toReversed().toSorted(compare)).toStrictEqual(ascending);
  });

  test("are sorted as the program sorts them", (context) => {
    context.skip(missing !== undefined, missing);
    const version = array(constantFrom(...parts), { maxLength: 5 }).map((chosen) => `1${chosen.join("")}`);
    const isValid = (text: string): boolean => name !== "apk" || isApkVersion(text);
    assert(
      property(version, version, (a, b) => {
        // no version of dpkg's ends with a dash
        pre(name !== "dpkg" || [a, b].every((text) => !text.endsWith("-")));
        pre(isValid(a) && isValid(b));
        expect(Math.sign(compare?.(a, b) ?? Number.NaN)).toBe(ask(a, b));
      }),
      { numRuns: name === "apk" ? 30 : 150, seed: 1 }, // apk takes two processes to each version,
    );
  });
});
