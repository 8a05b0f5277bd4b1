/* What the runs of a release have in common: their folder, and what they are made of. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockRelease } from "../../../scripts/release/lock.ts";
import { sourcesDigest } from "../../../scripts/support/sources-digest.ts";
import { temporaryDirectories } from "../../unit/system/temporary.ts";

const temporary = temporaryDirectories();
const before = process.cwd();
let folder = "";
beforeEach(() => {
  folder = temporary();
});
afterEach(() => process.chdir(before));

test("one run at a time is at work on a release, and what a killed one left is taken over", async () => {
  const unlock = lockRelease(folder);
  expect(() => lockRelease(folder)).toThrow(
    `process ${process.pid} is at work on ${folder}\nwait for its end, or end it`,
  );
  unlock();
  lockRelease(folder)();
  const other = spawn("sleep", ["60"]);
  await once(other, "spawn");
  writeFileSync(join(folder, "running"), String(other.pid));
  expect(() => lockRelease(folder)).toThrow(`process ${other.pid} is at work`);
  other.kill("SIGKILL");
  await once(other, "exit");
  lockRelease(folder)();
  expect(readdirSync(folder)).toStrictEqual([]);
});

test("what packages are made of has a digest: of the content and the names, and of nothing else", () => {
  const sources = (place: string, files: Readonly<Record<string, string>>): string => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, place, path, ".."), { recursive: true });
      writeFileSync(join(folder, place, path), content);
    }
    process.chdir(join(folder, place));
    return sourcesDigest();
  };
  const files = { "package.json": "{}", "src/a.ts": "a", "src/deep/b.ts": "b", "docs/c.md": "c" };
  const first = sources("one", files);
  expect(sources("two", files)).toBe(first);
  expect(sources("two", { "dist/other": "x", ".cache/y": "y", "test/z.ts": "z" })).toBe(first);
  const changes = [
    { "src/a.ts": "A" },
    { "src/new.ts": "a" },
    { "packaging/deb/postinst": "" },
    { "package.json": "[]" },
  ];
  for (const [at, change] of changes.entries())
    expect(sources(`changed-${at}`, { ...files, ...change })).not.toBe(first);
});
