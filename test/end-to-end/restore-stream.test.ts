import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromText, SeededRandom } from "../../src/foundation/index.ts";
import { setExtendedAttribute } from "../../src/system/index.ts";
import { describeTree, makeTree } from "../support/tree.ts";
import { isRoot, noAttributes } from "../unit/system/temporary.ts";
import { Workspace } from "./command-line.ts";

const space = new Workspace("dist/plakar");
const tree = space.path("tree");

beforeAll(() => {
  mkdirSync(tree);
  makeTree(tree);
  mkdirSync(join(tree, "p".repeat(120), "q".repeat(120)), { recursive: true });
  writeFileSync(join(tree, "p".repeat(120), "q".repeat(120), "r".repeat(120)), "far down");
  execFileSync("ln", [join(tree, "p".repeat(120), "q".repeat(120), "r".repeat(120)), join(tree, "short")]);
  writeFileSync(join(tree, "large"), new SeededRandom(9).bytes(11_000_000));
  if (noAttributes(tree) === undefined)
    setExtendedAttribute(fromText(join(tree, "text.txt")), fromText("user.note"), Buffer.from([0, 61, 10, 255]));
  if (isRoot) execFileSync("mknod", [join(tree, "tty"), "c", "5", "1"]);
  space.plakar("create");
  space.plakar("backup", tree);
});
afterAll(() => space.remove());

/** Standard output as it is. */
function stream(...words: string[]): { code: number | null; bytes: Buffer; err: string } {
  const { command, environment } = space.invocation("restore", "-to", "-", ...words);
  const run = spawnSync(command[0] as string, command.slice(1), { env: environment, maxBuffer: 1 << 28 });
  return { code: run.status, bytes: run.stdout, err: run.stderr.toString() };
}

function unpack(archive: Buffer, to: string): string {
  mkdirSync(space.path(to));
  // the time of the target itself must not be made newer by what is made in it: tar sets directories last
  execFileSync("tar", ["--xattrs", "--xattrs-include=*", "-xpf", "-", "-C", space.path(to)], { input: archive });
  return space.path(to);
}

test("a file goes to standard output as it is", () => {
  expect(stream("latest:random.bin").bytes.equals(readFileSync(join(tree, "random.bin")))).toBe(true);
  expect(stream("latest:empty")).toMatchObject({ code: 0, bytes: Buffer.alloc(0) });
});

test("a directory goes there as a tar archive, from which tar makes what it was", () => {
  const { code, bytes, err } = stream();
  expect(code).toBe(0);
  expect(err).toContain("to standard output");
  const back = unpack(bytes, "whole");
  expect(describeTree(back)).toStrictEqual(describeTree(tree));
  const below = unpack(stream("latest:deep/er").bytes, "below");
  expect(describeTree(below)).toStrictEqual(describeTree(join(tree, "deep", "er")));
});

test("the archive holds what the patterns want, and the directories above it", () => {
  const { bytes } = stream("-include", "file-1*", "-exclude", "file-11*");
  const names = execFileSync("tar", ["-t"], { input: bytes, encoding: "utf8" }).trim().split("\n");
  const wanted = readdirSync(join(tree, "many")).filter((name) => /^file-1(?!1)/.test(name));
  expect(names.toSorted()).toStrictEqual(["./", "many/", ...wanted.map((name) => `many/${name}`)].toSorted());
});

test("what makes no sense in a stream is refused", () => {
  for (const words of [["-delete"], ["-dry-run"], ["-overwrite", "never"], ["-json"], ["latest:empty", "latest:old"]]) {
    const { code, bytes } = stream(...words);
    expect({ words, code, bytes: bytes.length }).toMatchObject({
      code: 2,
      bytes: words[0] === "-json" ? expect.any(Number) : 0,
    });
  }
  expect(stream("latest:link")).toMatchObject({ code: 1, err: expect.stringContaining("is a symlink") });
});

test("a damaged file is left out and told, and one that is found to be damaged half-way ends the archive", () => {
  const packfiles = readdirSync(join(space.store, "packfiles"), { recursive: true, encoding: "utf8" })
    .map((name) => join(space.store, "packfiles", name))
    .filter((path) => /[0-9a-f]{64}$/.test(path))
    .map((path) => ({ path, bytes: readFileSync(path).length }))
    .toSorted((a, b) => b.bytes - a.bytes);
  const [largest] = packfiles;
  const whole = readFileSync(largest?.path ?? "");
  try {
    truncateSync(largest?.path ?? "", (largest?.bytes ?? 0) >> 1);
    const { code, bytes, err } = stream();
    expect(code).toBe(65);
    expect(err).toContain("plakar: ");
    // what an archive that was cut has is what was saved, and tar notices its end
    mkdirSync(space.path("cut"));
    const unpacked = spawnSync("tar", ["-xpf", "-", "-C", space.path("cut")], { input: bytes });
    if (err.includes("the archive ends in the middle of")) expect(unpacked.status).not.toBe(0);
    const saved = new Set(describeTree(tree).filter((line) => !line.startsWith("/ ")));
    const files = describeTree(space.path("cut")).filter((line) => !line.includes("/large "));
    expect(files.filter((line) => line.includes("/many/file-")).filter((line) => !saved.has(line))).toStrictEqual([]);
  } finally {
    writeFileSync(largest?.path ?? "", whole);
  }
  expect(stream().code).toBe(0);
});
