/** Small systems to install into: a shell, and nothing else. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { makeBareRoot } from "../../../scripts/release/clients/roots.ts";
import { missing } from "./made.ts";

/** Why no root can be made here; undefined if it can. */
export function rootsLack(...programs: string[]): string | undefined {
  const lacking = missing(...programs, "busybox");
  if (lacking.length > 0) return `needs ${lacking.join(", ")}, which this machine has not`;
  return process.getuid?.() === 0 ? undefined : "needs to be root, for chroot";
}

/** A root with busybox as its shell, and as what maintainer scripts call. */
export function makeRoot(folder: string): string {
  makeBareRoot(folder);
  return folder;
}

/** The installed program, started from without, where it finds its libraries; the paths are those within. */
export function startFromOutside(
  root: string,
  home: string,
): (...words: string[]) => { status: number | null; output: string } {
  const env = { ...process.env, HOME: home, PLAKAR_PASSPHRASE: "a passphrase for a test" };
  return (...words) => {
    const outside = words.map((word) => (word.startsWith("/") ? `${root}${word}` : word));
    const { status, stdout, stderr } = spawnSync(join(root, "usr/bin/plakar"), outside, { encoding: "utf8", env });
    return { status, output: stdout + stderr };
  };
}

/** Runs a command of the root within it, with an environment of its own. */
export function within(root: string, ...words: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync("/usr/sbin/chroot", [root, ...words], {
    encoding: "utf8",
    env: { PATH: "/bin:/usr/bin", HOME: "/root", PLAKAR_PASSPHRASE: "a passphrase for a test" },
  });
  return { status, output: stdout + stderr };
}

/** A store, a backup, a check and a restore by the program that is installed, started by `start`. */
export function expectWorking(
  start: (...words: string[]) => { status: number | null; output: string },
  root: string,
): void {
  const below = mkdtempSync(join(root, "proof-"));
  const inside = below.slice(root.length);
  const content = `what is to be saved, ${"at some length, ".repeat(1000)}`;
  mkdirSync(join(below, "data"));
  writeFileSync(join(below, "data/file"), content);
  const expectDone = (...words: string[]): void => {
    expect(start("at", `${inside}/store`, ...words)).toStrictEqual({ status: 0, output: expect.any(String) as string });
  };
  expectDone("create");
  expectDone("backup", `${inside}/data`);
  expectDone("check");
  expectDone("restore", "-to", `${inside}/out`);
  expect(readFileSync(join(below, "out/file"), "utf8")).toBe(content);
  rmSync(below, { recursive: true });
}
