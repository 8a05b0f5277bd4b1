import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "./command-line.ts";

const space = new Workspace();
const ids: string[] = [];

const made = [
  ["-name", "www", "-tag", "nightly,keep", "-force-timestamp", "2026-01-01", "-category", "web"],
  ["-name", "www", "-tag", "nightly", "-force-timestamp", "2026-02-01", "-job", "cron"],
  ["-name", "mail", "-force-timestamp", "2026-03-01 12:00", "-perimeter", "eu", "-environment", "prod"],
];

beforeAll(() => {
  mkdirSync(space.path("tree"));
  space.passphrase = undefined;
  space.plakar("create", "-plaintext");
  for (const [index, flags] of made.entries()) {
    writeFileSync(space.path("tree", "file"), `content ${index}`);
    const { out } = space.plakar("backup", "-json", ...flags, space.path("tree"));
    ids.push((JSON.parse(out.trim().split("\n").at(-1) ?? "") as { snapshot: string }).snapshot.slice(0, 8));
  }
});
afterAll(() => space.remove());

/** Numbers of the snapshots that are listed, newest first. */
function listed(...flags: string[]): number[] {
  const { code, out, err } = space.plakar("ls", ...flags);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const lines = out.split("\n").filter(Boolean);
  return lines.map((line) => ids.indexOf(line.split(/ +/)[1] ?? ""));
}

test.each([
  [
    ["-name", "www"],
    [1, 0],
  ],
  [
    ["-tag", "nightly"],
    [1, 0],
  ],
  [["-tag", "nightly,keep"], [0]],
  [["-tag", "nightly", "-tag", "!keep"], [1]],
  [["-tag", "!nightly"], [2]],
  [["-category", "web"], [0]],
  [["-job", "cron"], [1]],
  [["-perimeter", "eu", "-environment", "prod"], [2]],
  [["-perimeter", "eu", "-environment", "test"], []],
  [["-before", "2026-02-01"], [0]],
  [
    ["-since", "2026-02-01"],
    [2, 1],
  ],
  [["-since", "2026-02-01", "-before", "2026-03-01"], [1]],
  [["-since", "2026-03-01 12:00:01"], []],
  [["-type", "fs", "-latest"], [2]],
  [["-type", "s3"], []],
  [
    ["-root", "/nowhere", "-root", `${space.path("tree")}/`],
    [2, 1, 0],
  ],
  [["-root", "/nowhere"], []],
  [["-origin", "no such host"], []],
])("ls %j lists the snapshots %j", (flags, wanted) => {
  expect(listed(...flags)).toEqual(wanted);
});

test("restore, check and locate choose in the same way", () => {
  const restored = space.plakar("restore", "-to", "-", "-name", "www", "latest:file");
  expect(restored).toMatchObject({ code: 0, out: "content 1" });
  expect(space.plakar("restore", "-to", "-", "-tag", "keep", ":file").out).toBe("content 0");
  expect(space.plakar("check", "-name", "www").out).toMatch(/no damage in \S+: 2 snapshots/);
  expect(space.plakar("locate", "-job", "cron", "file").out).toMatch(new RegExp(`^${ids[1]}:.*/file\n$`));
  for (const line of [
    ["restore", "-to", space.path("no"), "-name", "none"],
    ["check", "-name", "none"],
  ]) {
    expect(space.plakar(...line)).toMatchObject({
      code: 1,
      err: expect.stringContaining("no snapshot is as the flags"),
    });
  }
});

test("flags that choose are refused beside a snapshot that is named, and times that could be two things", () => {
  for (const line of [
    ["ls", "-name", "www", ids[0] ?? ""],
    ["restore", "-tag", "keep", ids[0] ?? ""],
    ["rm", "-name", "www", ids[0] ?? ""],
    ["check", "-since", "1d", ids[0] ?? ""],
    ["ls", "-since", "5m"],
    ["ls", "-before", "soon"],
  ]) {
    expect(space.plakar(...line), line.join(" ")).toMatchObject({ code: 2, out: "" });
  }
  expect(space.plakar("ls", "-since", "5m").err).toContain("min or mo");
});

describe("rm", () => {
  test("shows what flags choose, and removes it only when it is told to", () => {
    expect(space.plakar("rm", "-tag", "keep").out).toBe(`${ids[0]}: would be removed\n`);
    expect(listed()).toEqual([2, 1, 0]);
    expect(space.plakar("rm", "-apply", "-tag", "keep").out).toBe(`${ids[0]}: removed\n`);
    expect(listed()).toEqual([2, 1]);
    expect(space.plakar("rm", "-apply", "-tag", "keep")).toMatchObject({ code: 1, out: "" });
  });

  test("does not take another for the newest when the newest has lost its state; ls and restore warn", () => {
    const states = join(space.store, "states");
    const before = new Set(readdirSync(states, { recursive: true }) as string[]);
    writeFileSync(space.path("tree", "file"), "the newest");
    space.plakar("backup", space.path("tree"));
    const state = (readdirSync(states, { recursive: true }) as string[]).find(
      (name) => !before.has(name) && name.length > 10,
    );
    rmSync(join(states, state ?? ""));
    rmSync(space.path("home"), { recursive: true, force: true });
    const told = "is in the store, but not in its index";
    expect(space.plakar("ls")).toMatchObject({ code: 0, err: expect.stringContaining(told) });
    const restored = space.plakar("restore", "-to", space.path("back"));
    expect(restored).toMatchObject({ code: 0, err: expect.stringContaining(told) });
    const removed = space.plakar("rm", "latest");
    expect(removed).toMatchObject({ code: 75, out: "", err: expect.stringContaining(`rm ${ids[2]}`) });
    expect(space.plakar("check").code).toBe(65);
    expect(space.plakar("rm", ids[2] ?? "").code).toBe(0);
  });
});

test("a restore for which nothing is as the patterns want it ends with 1", () => {
  for (const flags of [
    ["-include", "nosuch"],
    ["-exclude", "*"],
  ]) {
    const run = space.plakar("restore", ...flags, "-to", space.path("nothing"), "latest");
    expect(run).toMatchObject({ code: 1, err: expect.stringContaining("nothing in the snapshot") });
  }
});
