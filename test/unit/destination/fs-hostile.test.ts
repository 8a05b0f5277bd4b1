import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { FsDestination, RestoreItem } from "../../../src/destination/index.ts";
import { type ByteString, fromLatin1, fromText, isPlakarError } from "../../../src/foundation/index.ts";
import { mkfifo } from "../../../src/system/index.ts";
import { temporaryDirectories } from "../system/temporary.ts";
import { anItem, prepared, restoreFile } from "./restore-tree.ts";

const temporary = temporaryDirectories();

const hostilePaths = [
  "..",
  ".",
  "/",
  "/etc/evil",
  "//etc",
  "../evil",
  "a/../../evil",
  "a/..",
  "a/./b",
  "a//b",
  "a/",
  "./a",
  "a\0b",
  "a\0/b",
  "a/b\0",
  "../../../../../../../../tmp/evil",
];

/** Every way an item can be made. */
function attempts(destination: FsDestination, path: string): Promise<unknown>[] {
  const at = { path: fromLatin1(path) };
  return [
    destination.createDirectory({ ...anItem("x", "directory"), ...at }),
    destination.beginFile({ ...anItem("x"), ...at }),
    destination.finishFile({ ...anItem("x"), ...at }),
    destination.createSymlink({ ...anItem("x", "symlink"), ...at, symlinkTarget: fromText("t") }),
    destination.createSpecial({ ...anItem("x", "fifo"), ...at }),
    destination.createHardLink({ ...anItem("x"), ...at }, fromText("existing")),
    destination.createHardLink(anItem("new"), at.path),
    destination.finishDirectory({ ...anItem("x", "directory"), ...at }),
  ];
}

test.each(hostilePaths)("I-06: the path %j is refused in every call", async (path) => {
  const top = temporary();
  const destination = await prepared(join(top, "target"));
  await restoreFile(destination, anItem("existing"));
  await destination.createDirectory(anItem("a", "directory"));
  for (const outcome of await Promise.allSettled(attempts(destination, path))) {
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "restore-outside-target", kind: "denied" } });
  }
  expect(readdirSync(top)).toEqual(["target"]);
  expect(readdirSync(join(top, "target")).toSorted()).toEqual(["a", "existing"]);
  expect(readdirSync(join(top, "target", "a"))).toEqual([]);
});

test("I-06: only a directory can be the target itself", async () => {
  const destination = await prepared(temporary());
  const outcomes = await Promise.allSettled(attempts(destination, ""));
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual([
    "fulfilled",
    "fulfilled",
    ...Array.from({ length: 6 }, () => "rejected"),
  ]);
});

test("I-06: a link that was in the target before is never followed on the way to an item", async () => {
  const top = temporary();
  const outside = join(top, "outside");
  mkdirSync(join(outside, "sub"), { recursive: true });
  mkdirSync(join(top, "target", "real"), { recursive: true });
  symlinkSync(outside, join(top, "target", "link"));
  symlinkSync("../../outside", join(top, "target", "real", "inner"));
  const destination = await prepared(join(top, "target"));
  await restoreFile(destination, anItem("existing"));
  for (const path of ["link/x", "link/sub/x", "real/inner/x", "real/inner/sub/x"]) {
    for (const outcome of await Promise.allSettled(attempts(destination, path))) {
      expect(outcome).toMatchObject({
        reason: { code: "restore-outside-target", details: { path: expect.any(String) } },
      });
    }
  }
  await expect(destination.createDirectory(anItem("link", "directory"))).rejects.toMatchObject({
    code: "restore-outside-target",
  });
  expect(readdirSync(outside)).toEqual(["sub"]);
  expect(readdirSync(join(outside, "sub"))).toEqual([]);
});

test("I-06: a link that comes from the snapshot is not followed by what comes below it", async () => {
  const top = temporary();
  mkdirSync(join(top, "outside"));
  const destination = await prepared(join(top, "target"));
  const link: RestoreItem = { ...anItem("d", "symlink"), symlinkTarget: fromText("../outside") };
  await destination.createSymlink(link);
  await expect(destination.beginFile(anItem("d/evil"))).rejects.toMatchObject({ code: "restore-outside-target" });
  await expect(destination.finishDirectory(anItem("d", "directory"))).rejects.toMatchObject({ kind: "unavailable" });

  // the other way round: a directory that was seen cannot become a link
  await destination.createDirectory(anItem("e", "directory"));
  await expect(destination.createSymlink({ ...link, path: fromText("e") })).rejects.toMatchObject({
    code: "restore-blocked",
  });
  expect(readdirSync(join(top, "outside"))).toEqual([]);
});

test("I-06: a link, a hard link and a FIFO in a file's place are replaced, and what they lead to is untouched", async () => {
  const top = temporary();
  const target = join(top, "target");
  mkdirSync(target);
  writeFileSync(join(top, "precious"), "precious");
  symlinkSync("../precious", join(target, "symlink"));
  linkSync(join(top, "precious"), join(target, "hard"));
  mkfifo(fromText(join(target, "fifo")), 0o600);
  const destination = await prepared(target);
  for (const name of ["symlink", "hard", "fifo"]) await restoreFile(destination, anItem(name));
  for (const name of ["symlink", "hard", "fifo"]) {
    expect(lstatSync(join(target, name)).isFile()).toBe(true);
    expect(readFileSync(join(target, name), "utf8")).toBe("restored");
  }
  expect(readFileSync(join(top, "precious"), "utf8")).toBe("precious");
});

test("I-06: finishing a file does not follow a link that took its place", async () => {
  const top = temporary();
  writeFileSync(join(top, "precious"), "", { mode: 0o600 });
  const destination = await prepared(join(top, "target"));
  symlinkSync("../precious", join(top, "target", "f"));
  await expect(destination.finishFile(anItem("f", "file", { permissions: 0o777 }))).rejects.toMatchObject({
    code: "restore-outside-target",
  });
  expect(lstatSync(join(top, "precious")).mode & 0o777).toBe(0o600);
});

test("what is of another kind blocks an item, and stays as it is", async () => {
  const target = temporary();
  mkdirSync(join(target, "directory", "full"), { recursive: true });
  writeFileSync(join(target, "file"), "mine");
  const destination = await prepared(target);
  const link = { ...anItem("directory", "symlink"), symlinkTarget: fromText("t") };
  const blocked = { code: "restore-blocked", kind: "input", advice: expect.any(String) };
  await expect(destination.beginFile(anItem("directory"))).rejects.toMatchObject(blocked);
  await expect(destination.createSymlink(link)).rejects.toMatchObject(blocked);
  await expect(destination.createSpecial(anItem("directory", "fifo"))).rejects.toMatchObject(blocked);
  await expect(destination.createDirectory(anItem("file", "directory"))).rejects.toMatchObject(blocked);
  await expect(destination.beginFile(anItem("file/below"))).rejects.toMatchObject(blocked);
  await expect(destination.createHardLink(anItem("new"), fromText("directory"))).rejects.toMatchObject(blocked);
  await expect(destination.createHardLink(anItem("new"), fromText("missing"))).rejects.toMatchObject(blocked);
  await expect(destination.createHardLink(anItem("file"), fromText("file"))).rejects.toMatchObject(blocked);
  expect(readFileSync(join(target, "file"), "utf8")).toBe("mine");
  expect(existsSync(join(target, "directory", "full"))).toBe(true);
});

test("a link without a valid target is refused", async () => {
  const destination = await prepared(temporary());
  for (const symlinkTarget of ["", "a\0b"].map(fromLatin1)) {
    await expect(destination.createSymlink({ ...anItem("l", "symlink"), symlinkTarget })).rejects.toMatchObject({
      code: "restore-outside-target",
    });
  }
});

const part = fc.constantFrom("a", "b", "link", "..", ".", "", "\0", "/", "c/d", "\xff", "...", "a\0", "-rf");
const step = fc.record({
  path: fc.array(part, { maxLength: 5 }).map((parts) => parts.join("/")),
  call: fc.nat({ max: 7 }),
  target: fc.constantFrom("..", "../..", "/", "a", "../outside"),
});

test("I-06: no sequence of hostile items changes anything outside the target", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const top = temporary();
      mkdirSync(join(top, "outside"));
      mkdirSync(join(top, "target"));
      symlinkSync("../outside", join(top, "target", "link"));
      const destination = await prepared(join(top, "target"));
      for (const { path, call, target } of steps) await hostileStep(destination, fromLatin1(path), call, target);
      expect(readdirSync(top).toSorted()).toEqual(["outside", "target"]);
      expect(readdirSync(join(top, "outside"))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

async function hostileStep(destination: FsDestination, path: ByteString, call: number, target: string): Promise<void> {
  const symlinkTarget = fromText(target);
  const calls: readonly (() => Promise<unknown>)[] = [
    () => destination.createDirectory({ ...anItem("x", "directory"), path }),
    () => destination.beginFile({ ...anItem("x"), path }),
    () => destination.finishFile({ ...anItem("x"), path }),
    () => destination.createSymlink({ ...anItem("x", "symlink"), path, symlinkTarget }),
    () => destination.createSpecial({ ...anItem("x", "fifo"), path }),
    () => destination.createHardLink({ ...anItem("x"), path }, fromText("a")),
    () => destination.createHardLink(anItem("a"), path),
    () => destination.finishDirectory({ ...anItem("x", "directory"), path }),
  ];
  try {
    await calls[call]?.();
  } catch (error) {
    // a failure is as good as a success here, but it must be one that was foreseen
    if (!isPlakarError(error)) throw error;
  }
}
