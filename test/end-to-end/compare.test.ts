import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "./command-line.ts";

/** Two snapshots of a tree that changed, and one of the same tree from another place. */
describe("two snapshots", () => {
  const space = new Workspace();
  let before: string;
  let after: string;
  beforeAll(() => {
    const tree = space.path("tree");
    mkdirSync(join(tree, "same"), { recursive: true });
    mkdirSync(join(tree, "gone", "deep"), { recursive: true });
    writeFileSync(join(tree, "text"), "one\ntwo\nthree\n");
    writeFileSync(join(tree, "binary"), Buffer.from([0, 1, 2]));
    writeFileSync(join(tree, "same", "file"), "same");
    writeFileSync(join(tree, "gone", "deep", "file"), "12345");
    writeFileSync(join(tree, "touched"), "touched");
    writeFileSync(join(tree, "mode"), "");
    writeFileSync(join(tree, "turns"), "");
    symlinkSync("one", join(tree, "link"));
    space.plakar("create");
    space.plakar("backup", tree);
    writeFileSync(join(tree, "text"), "one\n2\nthree\n");
    writeFileSync(join(tree, "binary"), Buffer.from([0, 1, 3]));
    writeFileSync(join(tree, "new"), "added");
    rmSync(join(tree, "gone"), { recursive: true });
    utimesSync(join(tree, "touched"), 1, 1);
    chmodSync(join(tree, "mode"), 0o600);
    unlinkSync(join(tree, "turns"));
    mkdirSync(join(tree, "turns"));
    unlinkSync(join(tree, "link"));
    symlinkSync("two", join(tree, "link"));
    space.plakar("backup", "-tag", "second", tree);
    [after = "", before = ""] = space
      .plakar("ls")
      .out.trim()
      .split("\n")
      .map((line) => line.split(/\s+/)[1] ?? "");
  });
  afterAll(() => space.remove());

  test("differ in what changed, as diff -u tells it", () => {
    const run = space.plakar("diff", before, after);
    expect(run).toMatchObject({ code: 1, err: "" });
    const [a, b] = [`${before}:${space.path("tree")}`, `${after}:${space.path("tree")}`];
    expect(run.out.split("\n")).toStrictEqual([
      `Binary files ${a}/binary and ${b}/binary differ`,
      `Only in ${a}: gone`,
      `${a}/link and ${b}/link differ in target one, two`,
      `${a}/mode and ${b}/mode differ in mode 0644, 0600`,
      `Only in ${b}: new`,
      `--- ${a}/text`,
      `+++ ${b}/text`,
      "@@ -1,3 +1,3 @@",
      " one",
      "-two",
      "+2",
      " three",
      `File types of ${a}/turns and ${b}/turns differ: type file, directory`,
      "",
    ]);
  });

  test("are counted with everything that is in what only one has", () => {
    const run = space.plakar("diff", "-stat", before, after);
    expect(run.out.trim().split("\n").slice(0, -1)).toStrictEqual([
      "M binary 3 B -> 3 B",
      "- gone",
      "- gone/deep",
      "- gone/deep/file 5 B",
      "U link target one, two",
      "U mode mode 0644, 0600",
      "+ new 5 B",
      "M text 14 B -> 12 B",
      "T turns type file, directory",
    ]);
    expect(run.out).toContain("1 added, 3 removed, 2 changed, 1 of another type, 2 with other metadata");
    const objects = space
      .plakar("diff", "-json", before, after)
      .out.trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(objects.map(({ type }) => type)).toStrictEqual([
      ...Array.from({ length: 9 }, () => "difference"),
      "summary",
    ]);
  });

  test("can be compared in part, one level deep, and with their times", () => {
    expect(space.plakar("diff", `${before}:same`, `${after}:same`)).toMatchObject({ code: 0, out: "" });
    expect(space.plakar("diff", `${before}:touched`, `${after}:touched`)).toMatchObject({ code: 0, out: "" });
    expect(space.plakar("diff", "-times", `${before}:touched`, `${after}:touched`)).toMatchObject({ code: 1 });
    expect(space.plakar("diff", `${before}:text`, `${after}:text`).out).toContain("-two");
    expect(space.plakar("diff", "-recursive=false", `${before}:/`, `${after}:/`)).toMatchObject({ code: 0 });
    expect(space.plakar("diff", after, after)).toMatchObject({ code: 0, out: "" });
  });

  test("in trouble are no difference", () => {
    expect(space.plakar("diff", before, "nothing")).toMatchObject({ code: 2, out: "" });
    expect(space.plakar("diff", before)).toMatchObject({ code: 2 });
    expect(space.plakar("diff", `${before}:nowhere`, after)).toMatchObject({ code: 2 });
  });

  test("have digests that other programs agree with", () => {
    const text = readFileSync(space.path("tree", "text"));
    const sha256 = createHash("sha256").update(text).digest("hex");
    expect(space.plakar("digest", "latest:text").out).toBe(`SHA256 (${space.path("tree", "text")}) = ${sha256}\n`);
    // b3sum of the empty input, from the BLAKE3 paper's test vectors
    expect(space.plakar("digest", "-hashing", "BLAKE3", "latest:mode").out).toContain(
      "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    );
    const all = space.plakar("digest", before).out.trim().split("\n");
    expect(all).toHaveLength(7);
    expect(space.plakar("digest", "latest:link").code).toBe(1);
  });

  test("sha256sum reads digests of names with whatever in them", () => {
    const odd = space.path("odd");
    mkdirSync(odd);
    for (const name of ["a\nb", "c\\d", "\u0001e", " f ", "g) = h", "\r", "ü"]) writeFileSync(join(odd, name), name);
    writeFileSync(Buffer.concat([Buffer.from(`${odd}/`), Buffer.from([0xff])]), "x");
    space.plakar("backup", odd);
    const { command, environment } = space.invocation("digest", "latest");
    const run = spawnSync("/bin/sh", ["-c", '"$@" | sha256sum --strict --quiet -c', "sh", ...command], {
      ...{ env: environment, encoding: "utf8" },
    });
    expect(run).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(space.plakar("rm", "latest").code).toBe(0);
    expect(space.plakar("digest", "-hashing", "CRC", "latest").code).toBe(2);
  });

  test("are searched by name, and by path", () => {
    expect(space.plakar("locate", "te?t").out).toBe(
      [after, before].map((id) => `${id}:${space.path("tree", "text")}\n`).join(""),
    );
    expect(space.plakar("locate", "ext").code).toBe(1);
    expect(space.plakar("locate", "-i", "-tag", "second", "TEXT").out).toBe(`${after}:${space.path("tree", "text")}\n`);
    expect(space.plakar("locate", "-snapshot", before, "/**/deep/*").out).toBe(
      `${before}:${space.path("tree", "gone", "deep", "file")}\n`,
    );
    expect(space.plakar("locate").code).toBe(2);
  });

  test("have sizes by directory", () => {
    const lines = space
      .plakar("du", "-bytes", before)
      .out.trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/));
    expect(lines).toStrictEqual([
      ["5", space.path("tree", "gone", "deep")],
      ["5", space.path("tree", "gone")],
      ["4", space.path("tree", "same")],
      ["33", space.path("tree")],
    ]);
    expect(space.plakar("du", "-s", "-bytes", `${before}:gone`).out.trim().split(/\s+/)).toStrictEqual([
      "5",
      space.path("tree", "gone"),
    ]);
    expect(space.plakar("ls", "-summary", before).out).toMatch(/33 B +7 files +3 directories +1 others/);
    expect(space.plakar("du", `${before}:text`).code).toBe(1);
  });

  test("get other tags by a new snapshot that takes the place of the old", () => {
    const run = space.plakar("tag", "add", "latest", "keep,second", "release");
    expect(run.out).toMatch(new RegExp(`^${after} -> [0-9a-f]{8}: tags second, keep, release\n$`));
    const lines = space.plakar("ls").out.trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("[tags=second,keep,release]");
    expect(space.plakar("diff", before, "latest").code).toBe(1);
    expect(space.plakar("cat", "latest:new").out).toBe("added");
    expect(space.plakar("tag", "add", "latest", "keep")).toMatchObject({ code: 0 });
    expect(space.plakar("tag", "rm", "latest", "second", "release").code).toBe(0);
    expect(space.plakar("tag", "list").out.trim()).toMatch(/^1 {2}keep$/);
    expect(space.plakar("tag", "rm", "latest", "second").code).toBe(1);
    expect(space.plakar("tag", "turn", "latest", "x").code).toBe(2);
    expect(space.plakar("check").code).toBe(0);
    // what was tagged is the parent of the next
    expect(space.plakar("backup", space.path("tree")).out).toContain("0 new, 0 changed");
  });
});
