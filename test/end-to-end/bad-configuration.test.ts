import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Run, Workspace } from "./command-line.ts";

const commands: readonly (readonly string[])[] = [
  ["ls"],
  ["check"],
  ["backup", "/etc/apt"],
  ["restore", "-to", "back"],
];
/** The version lies at byte 12 of the header, little-endian: kloset-format section 1. */
const VERSION_AT = 12;

function expectRefused(run: Run, code: number, says: RegExp): void {
  expect(run).toMatchObject({ code, out: "" });
  expect(run.err).toMatch(says);
  expect(run.err).not.toContain("    at ");
  const lines = run.err.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(1); // what to do now
  expect(lines.length).toBeLessThanOrEqual(3);
}

describe.each([
  { kind: "a plaintext store", flags: ["-plaintext"] },
  { kind: "an encrypted store", flags: [] },
])("$kind", ({ flags }) => {
  let space: Workspace;
  let pristine = "";
  const configuration = (): string => join(space.store, "CONFIG");

  beforeAll(() => {
    space = new Workspace();
    mkdirSync(space.path("tree"));
    writeFileSync(space.path("tree", "precious"), "the only copy");
    space.plakar("create", ...flags);
    space.plakar("backup", space.path("tree"));
    pristine = space.path("pristine");
    cpSync(space.store, pristine, { recursive: true });
  });
  afterAll(() => space.remove());
  beforeEach(() => {
    rmSync(space.store, { recursive: true, force: true });
    cpSync(pristine, space.store, { recursive: true });
  });

  test.each(commands)("that is not there answers 66 to %s", (...words) => {
    rmSync(space.store, { recursive: true });
    expectRefused(space.plakar(...words), 66, /no store/i);
  });

  test("whose CONFIG is gone answers 66", () => {
    rmSync(configuration());
    expectRefused(space.plakar("ls"), 66, /no store|CONFIG/);
  });

  test("whose CONFIG is empty or cut anywhere answers 66 and says that it is damaged", () => {
    const whole = readFileSync(configuration()).length;
    for (const length of [0, 1, 15, 16, 40, whole >> 1, whole - 33, whole - 1]) {
      truncateSync(configuration(), length);
      expectRefused(space.plakar("ls"), 66, /CONFIG is damaged/);
      cpSync(join(pristine, "CONFIG"), configuration());
    }
  });

  test("whose CONFIG has a changed byte answers 66, or 77 where only the passphrase could tell", () => {
    const bytes = readFileSync(configuration());
    for (const at of [0, 7, 9, 40, bytes.length >> 1, bytes.length - 40, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 4;
      writeFileSync(configuration(), changed);
      const run = space.plakar("ls");
      expect([at, [66, 77].includes(run.code ?? 0), run.out]).toEqual([at, true, ""]);
      expect(run.err).not.toContain("    at ");
    }
  });

  test("I-09 of a newer version answers 78 to whoever reads or writes", () => {
    const bytes = readFileSync(configuration());
    bytes.writeUInt32LE(0x2_00_00, VERSION_AT);
    writeFileSync(configuration(), bytes);
    for (const words of commands) expectRefused(space.plakar(...words), 78, /newer/);
  });

  test("is not made again over itself, nor in a directory that holds anything", () => {
    const before = readFileSync(configuration());
    expectRefused(space.plakar("create", "-plaintext"), 1, /not empty|already/);
    expect(readFileSync(configuration())).toEqual(before);
    const busy = space.path("busy");
    mkdirSync(busy, { recursive: true });
    writeFileSync(join(busy, "something"), "");
    expectRefused(space.bare("at", busy, "create", "-plaintext"), 1, /not empty/);
    expectRefused(space.bare("at", join(busy, "something"), "create", "-plaintext"), 1, /not empty|not a directory/);
  });
});
