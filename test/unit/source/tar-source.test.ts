import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromText } from "../../../src/foundation/index.ts";
import { createMemoryStore } from "../../../src/store/index.ts";
import { setExtendedAttribute } from "../../../src/system/index.ts";
import { InProcess } from "../../support/in-process.ts";
import { describeTree, makeTree } from "../../support/tree.ts";
import { isRoot, noAttributes, temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();

async function newStore(): Promise<InProcess> {
  const plakar = new InProcess(createMemoryStore());
  await plakar.create();
  return plakar;
}

function hasTar(): string | undefined {
  return spawnSync("tar", ["--version"], { encoding: "utf8" }).stdout?.includes("GNU tar")
    ? undefined
    : "there is no GNU tar";
}

test.each([
  ["posix", "--format=posix", [], ""],
  ["GNU", "--format=gnu", [], ""],
  ["ustar", "--format=ustar", [], ""],
  ["gzip", "--format=posix", ["-z"], ""],
])("what GNU tar packed as %s comes back as it was", async (name, format, flags, _nothing) => {
  const above = temporary();
  const tree = join(above, "tree");
  makeTree(tree);
  mkdirSync(join(tree, "l".repeat(90), "m".repeat(90)), { recursive: true });
  writeFileSync(join(tree, "l".repeat(90), "m".repeat(90), name === "ustar" ? "n" : "n".repeat(90)), "far down");
  const seconds = (lines: string[]): string[] =>
    name === "posix" || name === "gzip" ? lines : lines.map((line) => line.replace(/(\d+)\d{9}( \d+ \d+)/, "$1$2"));
  execFileSync("tar", [format, ...flags, "--xattrs", "-cf", join(above, "a.tar"), "-C", tree, "."]);
  const plakar = await newStore();
  const report = await plakar.backup("", { paths: [`tar:${join(above, "a.tar")}`] });
  expect(report.failures).toStrictEqual([]);
  const back = join(above, "back");
  expect(await plakar.restore("latest", back)).toMatchObject({ failures: [] });
  // times before 1970 with fractions are rounded by tar's older formats
  const compared = (lines: string[]): string[] => seconds(lines.filter((line) => !line.startsWith("/old ")));
  expect(compared(describeTree(back))).toStrictEqual(compared(describeTree(tree)));
});

test("attributes, devices and names of any bytes come out of an archive", async ({ skip }) => {
  skip(!isRoot, "only root may make devices");
  const above = temporary();
  skip(noAttributes(above) !== undefined, noAttributes(above));
  const tree = join(above, "tree");
  mkdirSync(tree);
  writeFileSync(join(tree, "file"), "x");
  setExtendedAttribute(fromText(join(tree, "file")), fromText("user.note"), Buffer.from("a=b\nc"));
  execFileSync("mknod", [join(tree, "null"), "c", "1", "3"]);
  execFileSync("tar", ["--format=posix", "--xattrs", "-cf", join(above, "a.tar"), "-C", tree, "."]);
  const plakar = await newStore();
  expect(await plakar.backup("", { paths: [`tar:${join(above, "a.tar")}`] })).toMatchObject({ failures: [] });
  expect(await plakar.restore("latest", join(above, "back"))).toMatchObject({ failures: [] });
  expect(describeTree(join(above, "back"))).toStrictEqual(describeTree(tree));
});

test("an archive that is cut anywhere leaves no snapshot, unless nothing but its end mark is missing", async () => {
  const above = temporary();
  mkdirSync(join(above, "tree"));
  for (const name of ["a", "b"]) writeFileSync(join(above, "tree", name), name.repeat(700));
  execFileSync("tar", ["-cf", join(above, "a.tar"), "-C", join(above, "tree"), "a", "b"]);
  const whole = readFileSync(join(above, "a.tar"));
  const needed = 2 * (512 + 1024) - (1024 - 700);
  const plakar = await newStore();
  for (const length of [1, 100, 511, 513, 1000, 1536 + 200, 1536 + 512, needed - 1]) {
    writeFileSync(join(above, "cut.tar"), whole.subarray(0, length));
    await expect(plakar.backup("", { paths: [`tar:${join(above, "cut.tar")}`] })).rejects.toMatchObject({
      code: "tar-damaged",
      kind: "input",
    });
  }
  expect(await plakar.store.list("states")).toStrictEqual([]);
  // where nothing but the end mark is missing, more may be
  for (const [length, totalFiles] of [
    [0, 0],
    [1536, 1],
    [needed, 2],
  ] as const) {
    writeFileSync(join(above, "cut.tar"), whole.subarray(0, length));
    expect(await plakar.backup("", { paths: [`tar:${join(above, "cut.tar")}`] })).toMatchObject({
      totalFiles,
      failures: [{ path: "/", message: expect.stringContaining("no mark at its end") }],
    });
  }
});

test("a link to what is outside the archive is told, and makes no directory of that name", async () => {
  const above = temporary();
  const header = Buffer.alloc(512);
  header.write("link\0", 0);
  for (const [at, octal] of [
    [100, "0000644"],
    [108, "0000000"],
    [116, "0000000"],
    [124, "00000000000"],
    [136, "00000000000"],
  ] as const)
    header.write(octal, at);
  header.write("1../../../etc/passwd", 156);
  header.write("ustar", 257);
  header.write("00", 263);
  writeFileSync(join(above, "a.tar"), Buffer.concat([fixChecksum(header), Buffer.alloc(1024)]));
  const plakar = await newStore();
  const report = await plakar.backup("", { paths: [`tar:${join(above, "a.tar")}`] });
  expect(report.failures).toMatchObject([{ path: "/link", message: expect.stringContaining("not in the archive") }]);
  expect(await plakar.check()).toMatchObject({ damaged: false });
});

test("a compression that is not read is called by its name", async () => {
  const above = temporary();
  const plakar = await newStore();
  for (const [name, magic] of [
    ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
    ["bzip2", [0x42, 0x5a, 0x68, 0x39]],
  ] as const) {
    writeFileSync(join(above, "a.tar"), Buffer.concat([Buffer.from(magic), Buffer.alloc(2000)]));
    await expect(plakar.backup("", { paths: [`tar:${join(above, "a.tar")}`] })).rejects.toThrow(
      `compressed by ${name}`,
    );
  }
});

test("what an archive may not do is told and left out", async ({ skip }) => {
  skip(hasTar() !== undefined, hasTar());
  const above = temporary();
  mkdirSync(join(above, "tree"));
  writeFileSync(join(above, "tree", "good"), "good");
  writeFileSync(join(above, "evil"), "evil");
  execFileSync("tar", ["-P", "-cf", join(above, "a.tar"), "-C", join(above, "tree"), "good", "../evil"]);
  const plakar = await newStore();
  const report = await plakar.backup("", { paths: [`tar:${join(above, "a.tar")}`] });
  expect(report.failures.map(({ path }) => path)).toStrictEqual(["/../evil"]);
  expect(report.totalFiles).toBe(1);
});

/** Data at the beginning of some megabytes, further parts than a header has room for, a hole at the end, and nothing else. */
function makeSparseFiles(tree: string): void {
  mkdirSync(tree);
  const parts: Readonly<Record<string, readonly number[]>> = { start: [0], many: [], end: [(7 << 20) - 5], hole: [] };
  for (const [name, offsets] of Object.entries(parts)) {
    const file = openSync(join(tree, name), "w");
    ftruncateSync(file, 7 << 20);
    const all = name === "many" ? Array.from({ length: 60 }, (_, index) => index * 100_000 + 4096) : offsets;
    for (const offset of all) writeSync(file, Buffer.from(`part ${offset} of ${name}`.slice(0, 5)), 0, 5, offset);
    closeSync(file);
  }
  writeFileSync(join(tree, "plain"), "no holes");
}

test.each([
  ["the old format", ["--format=gnu"]],
  ["0.0", ["--format=posix", "--sparse-version=0.0"]],
  ["0.1", ["--format=posix", "--sparse-version=0.1"]],
  ["1.0", ["--format=posix", "--sparse-version=1.0"]],
])("sparse files that GNU tar stored in %s come back with their names, sizes and contents", async (_, flags) => {
  const above = temporary();
  const tree = join(above, "tree");
  makeSparseFiles(tree);
  execFileSync("tar", [...flags, "--sparse", "-cf", join(above, "a.tar"), "-C", tree, "."]);
  expect(statSync(join(above, "a.tar")).size).toBeLessThan(3 << 20);
  const plakar = await newStore();
  const report = await plakar.backup("", { paths: [`tar:${join(above, "a.tar")}`] });
  expect(report).toMatchObject({ failures: [], totalFiles: 5 });
  expect(await plakar.restore("latest", join(above, "back"))).toMatchObject({ failures: [] });
  const contents = (lines: string[]): string[] =>
    lines.map((line) => (flags[0] === "--format=gnu" ? line.replace(/(\d+)\d{9}( \d+ \d+)/, "$1$2") : line));
  expect(contents(describeTree(join(above, "back")))).toStrictEqual(contents(describeTree(tree)));
});

test("a sparse file whose map is wrong leaves no snapshot", async () => {
  const above = temporary();
  makeSparseFiles(join(above, "tree"));
  const pack = (file: string, flags: readonly string[]): Buffer => {
    execFileSync("tar", [...flags, "--sparse", "-cf", join(above, file), "-C", join(above, "tree"), "start"]);
    return readFileSync(join(above, file));
  };
  const old = pack("old.tar", ["--format=gnu"]);
  old.write("00000000007", 386, "latin1"); // the first extent now begins within the stored bytes, and ends elsewhere
  old.write("77777777777", 398, "latin1");
  const map = pack("map.tar", ["--format=posix", "--sparse-version=0.1"]);
  const at = map.indexOf("GNU.sparse.map=");
  map.write("x", at + "GNU.sparse.map=".length, "latin1");
  const plakar = await newStore();
  for (const bytes of [fixChecksum(old), map]) {
    writeFileSync(join(above, "wrong.tar"), bytes);
    await expect(plakar.backup("", { paths: [`tar:${join(above, "wrong.tar")}`] })).rejects.toMatchObject({
      code: "tar-damaged",
      message: expect.stringContaining("sparse"),
    });
  }
  expect(await plakar.store.list("states")).toStrictEqual([]);
});

function fixChecksum(archive: Buffer): Buffer {
  archive.write(" ".repeat(8), 148, "latin1");
  const sum = archive.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return archive;
}
