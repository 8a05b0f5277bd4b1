import { array, assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { type Flag, Flags } from "../../../src/cli/command.ts";
import { nearest, parseFlags, splitLine } from "../../../src/cli/parse.ts";

const known: readonly Flag[] = [
  { name: "fast", kind: "boolean", help: "" },
  { name: "to", kind: "text", help: "" },
  { name: "tag", kind: "list", help: "" },
  { name: "cpu", kind: "number", help: "" },
  { name: "hashing", kind: "choice", choices: ["BLAKE3", "SHA256"], help: "" },
  { name: "force-timestamp", kind: "time", help: "" },
];

function parse(...words: readonly string[]): { flags: Flags; args: readonly string[] } {
  const { values, args } = parseFlags(words, known, "try");
  return { flags: new Flags(values), args };
}

function refusal(...words: readonly string[]): unknown {
  try {
    parse(...words);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a command line", () => {
  test("begins with flags and a store, in any order, before the command", () => {
    const wanted = { store: "/s", command: "ls", rest: ["-uuid", "x"], before: ["-quiet"] };
    expect(splitLine(["at", "/s", "-quiet", "ls", "-uuid", "x"])).toStrictEqual(wanted);
    expect(splitLine(["-quiet", "at", "/s", "ls", "-uuid", "x"])).toStrictEqual(wanted);
    expect(splitLine(["ls"])).toStrictEqual({ store: undefined, command: "ls", rest: [], before: [] });
    expect(splitLine([])).toMatchObject({ command: undefined });
  });

  test("keeps the value of a flag before the command with its flag", () => {
    expect(splitLine(["-keyfile", "ls", "at", "/s", "check"])).toMatchObject({
      ...{ store: "/s", command: "check", before: ["-keyfile", "ls"] },
    });
    expect(splitLine(["--keyfile=k", "check"])).toMatchObject({ command: "check", before: ["--keyfile=k"] });
  });

  test("needs a store after at", () => {
    expect(() => splitLine(["at"])).toThrow("`at` needs a store");
  });
});

describe("flags", () => {
  test("are written with one dash or two, with a space or an equals sign, before or after arguments", () => {
    for (const words of [
      ["-to", "dir", "-fast", "a"],
      ["--to", "dir", "--fast", "a"],
      ["--to=dir", "-fast=true", "a"],
      ["a", "-fast", "-to=dir"],
    ]) {
      const { flags, args } = parse(...words);
      expect([flags.text("to"), flags.is("fast"), args]).toStrictEqual(["dir", true, ["a"]]);
    }
  });

  test("end at two dashes; one dash alone is an argument, and a value may begin with one", () => {
    expect(parse("--", "-fast", "--").args).toStrictEqual(["-fast", "--"]);
    expect(parse("-").args).toStrictEqual(["-"]);
    expect(parse("-to", "-odd").flags.text("to")).toBe("-odd");
    expect(parse("-to=a=b").flags.text("to")).toBe("a=b");
  });

  test("have values of their kind", () => {
    const { flags } = parse(
      "-tag",
      "a,b",
      "-tag=c",
      "-cpu",
      "3",
      "-force-timestamp",
      "2026-01-31T12:00:00Z",
      "-fast=0",
    );
    expect(flags.list("tag")).toStrictEqual(["a", "b", "c"]);
    expect(flags.number("cpu")).toBe(3);
    expect(flags.time("force-timestamp")).toBe(1_769_860_800_000_000_000n);
    expect(flags.is("fast")).toBe(false);
    expect([flags.text("to", "else"), flags.number("to"), flags.time("to"), flags.list("to")]).toStrictEqual([
      ...["else", undefined, undefined],
      [],
    ]);
  });

  test.each([
    [["-fats"], "-fats", "-fast"],
    [["-to"], "-to needs a value", "plakar help try"],
    [["-cpu", "many"], "a number", "plakar help try"],
    [["-cpu", "-1"], "a number", "plakar help try"],
    [["-fast=perhaps"], "true or false", "plakar help try"],
    [["-hashing", "MD5"], "BLAKE3, SHA256", "plakar help try"],
    [["-force-timestamp", "yesterday"], "2026-01-31T12:00:00Z", "plakar help try"],
    [["---fast"], "---fast", "plakar help try"],
  ])("%j are refused with a reason and advice", (words, says, advice) => {
    expect(refusal(...words)).toMatchObject({
      ...{ code: "usage", kind: "usage" },
      message: expect.stringContaining(says),
      advice: expect.stringContaining(advice),
    });
  });

  test("whatever is typed is understood or refused, never a fault", () => {
    const word = constantFrom("-to", "--tag=x", "-cpu", "7", "--", "-", "", "a", "-hashing", "=", "-fast=T", "--=x");
    assert(
      property(array(word, { maxLength: 8 }), array(string({ maxLength: 5 }), { maxLength: 3 }), (words, odd) => {
        const error = refusal(...words, ...odd);
        if (error !== undefined) expect(error).toMatchObject({ code: "usage" });
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

test("the nearest name is within two edits, and not a matter of luck", () => {
  const names = ["backup", "check", "cat", "ls", "rm"];
  expect(nearest("bakcup", names)).toBe("backup");
  expect(nearest("chekc", names)).toBe("check");
  expect(nearest("cta", names)).toBe("cat");
  expect(nearest("restore", names)).toBeUndefined();
  expect(nearest("xy", names)).toBeUndefined();
});
