import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findPlace, isOurs } from "../../../src/agent/place.ts";

let base = "";
let ours = "";

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "plakar-place-"));
  ours = join(base, `plakar-${process.getuid?.()}`);
  vi.stubEnv("XDG_RUNTIME_DIR", base);
  vi.stubEnv("TMPDIR", join(base, "none"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true, force: true });
});

test("the directory is made for this user alone", () => {
  expect(findPlace({ make: false })).toBeUndefined();
  expect(findPlace({ make: true })?.directory).toBe(ours);
  expect(statSync(ours).mode & 0o777).toBe(0o700);
});

test("a directory that others may enter is not used, nor put right", () => {
  mkdirSync(ours);
  chmodSync(ours, 0o750);
  expect(findPlace({ make: true })).toBeUndefined();
  expect(statSync(ours).mode & 0o777).toBe(0o750);
});

test("a link to a directory of ours is not used", () => {
  mkdirSync(join(base, "elsewhere"), { mode: 0o700 });
  symlinkSync(join(base, "elsewhere"), ours);
  expect(findPlace({ make: true })).toBeUndefined();
});

test.runIf(process.getuid?.() === 0)("a directory of somebody else is not used (as root)", () => {
  mkdirSync(ours, { mode: 0o700 });
  chownSync(ours, 12345, 12345);
  expect(findPlace({ make: true })).toBeUndefined();
});

test("a directory that somebody else could exchange is not used", () => {
  chmodSync(base, 0o777);
  expect(findPlace({ make: true })).toBeUndefined();
  chmodSync(base, 0o1777);
  expect(findPlace({ make: true })?.directory).toBe(ours);
});

test("where the runtime directory cannot be used the temporary one is", () => {
  vi.stubEnv("XDG_RUNTIME_DIR", join(base, "missing"));
  vi.stubEnv("TMPDIR", base);
  expect(findPlace({ make: true })?.directory).toBe(ours);
});

test("a path too long for a socket is not used", () => {
  const long = join(base, "x".repeat(100));
  mkdirSync(long);
  vi.stubEnv("XDG_RUNTIME_DIR", long);
  vi.stubEnv("TMPDIR", base);
  expect(findPlace({ make: true })?.directory).toBe(ours);
});

test("a file is no directory", () => {
  expect(isOurs(import.meta.filename)).toBe(false);
});
