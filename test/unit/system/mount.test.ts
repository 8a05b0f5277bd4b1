import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromText } from "../../../src/foundation/index.ts";
import { MountFlag, mount, unmount } from "../../../src/system/index.ts";
import { isRoot, temporaryDirectories } from "./temporary.ts";

const temporary = temporaryDirectories();

/** The kernel's own list of what is mounted. */
function mounted(directory: string): string | undefined {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .find((line) => line.split(" ")[1] === directory);
}

test("a file system is mounted with its flags and options, and gone after its unmount", ({ skip }) => {
  skip(!isRoot, "only root may mount");
  const directory = temporary();
  const flags = MountFlag.readOnly | MountFlag.noSetId | MountFlag.noDevices;
  try {
    mount(fromText("nothing"), fromText(directory), { type: "tmpfs", flags, data: "size=64k" });
  } catch (error) {
    skip(true, `this root may not mount: ${String(error)}`);
  }
  try {
    expect(mounted(directory)).toMatch(/^nothing \S+ tmpfs ro,nosuid,nodev,.*size=64k/);
    expect(() => writeFileSync(join(directory, "x"), "")).toThrow("EROFS");
  } finally {
    unmount(fromText(directory));
  }
  expect(mounted(directory)).toBeUndefined();
});

test("what cannot be mounted or unmounted is an error with its code", () => {
  const directory = fromText(temporary());
  const code = expect.stringMatching(/^(ENODEV|EPERM)$/) as string;
  expect(() => mount(fromText("x"), directory, { type: "no such type" })).toThrow(expect.objectContaining({ code }));
  expect(() => unmount(directory, { lazy: true })).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^(EINVAL|EPERM)$/) as string }),
  );
});
