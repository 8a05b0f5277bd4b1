import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { toText } from "../../../src/foundation/index.ts";
import type { RestoreOptions, RestoreReport } from "../../../src/operations/index.ts";
import { type FoldingDirectory, foldingKinds, mountFolding } from "../../support/folding-directory.ts";
import type { InProcess } from "../../support/in-process.ts";
import { describeTree } from "../../support/tree.ts";
import { temporaryDirectories } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();

/** What was not given back, and by which code. */
function missing({ failures }: RestoreReport): string[] {
  return failures.map(({ path, code }) => `${path} ${code}`);
}

/** `directory/name` and contents of everything that is there. */
function files(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const plain = names.filter((name) => lstatSync(join(directory, name)).isFile());
  return Object.fromEntries(plain.map((name) => [name.toLowerCase(), readFileSync(join(directory, name), "utf8")]));
}

function makeTwins(tree: string): void {
  for (const [directory, name] of [
    ["Docs", "first"],
    ["DOCS", "second"],
  ] as const) {
    mkdirSync(join(tree, directory, "below"), { recursive: true });
    writeFileSync(join(tree, directory, name), directory);
    writeFileSync(join(tree, directory, "same"), directory);
    writeFileSync(join(tree, directory, "below", "deep"), directory);
  }
  for (const name of ["Name", "name"]) writeFileSync(join(tree, name), `content of ${name}`);
  // a file beside a directory, which is made before any file
  writeFileSync(join(tree, "MIXED"), "a file");
  mkdirSync(join(tree, "mixed"));
  writeFileSync(join(tree, "mixed", "inside"), "inside");
}

const ofTwins = [
  "Docs restore-collision",
  "Docs/below restore-collision",
  "Docs/below/deep restore-collision",
  "Docs/first restore-collision",
  "Docs/same restore-collision",
  "mixed restore-collision",
  "mixed/inside restore-collision",
  "name restore-collision",
];

const winners = {
  "docs/below/deep": "DOCS",
  "docs/same": "DOCS",
  "docs/second": "DOCS",
  mixed: "a file",
  name: "content of Name",
};

describe.each(foldingKinds)("into a directory that folds case: %s", (kind) => {
  let folding: FoldingDirectory | string;
  let plakar: InProcess;
  let tree: string;
  let to: string;

  const above = mkdtempSync(join(tmpdir(), "plakar-folding-"));
  beforeAll(() => {
    folding = mountFolding(kind, above);
  });
  afterAll(() => {
    if (typeof folding !== "string") folding.unmount();
    rmSync(above, { recursive: true });
  });
  beforeEach(async ({ skip }) => {
    if (typeof folding === "string") return skip(folding);
    to = mkdtempSync(join(folding.directory, "back-"));
    ({ plakar, tree } = await makeSmallTree(temporary(), {}));
    rmSync(join(tree, "sub"), { recursive: true });
  });

  const restored = (options: Partial<RestoreOptions> = {}): Promise<RestoreReport> =>
    plakar.restore("latest", to, { skipPermissions: true, ...options });

  test("the first of twins has its place, and every other is told with all that lies in it", async () => {
    makeTwins(tree);
    await plakar.backup(tree);
    const report = await restored();
    expect(
      missing(report)
        .filter((line) => !line.startsWith("Stra"))
        .toSorted(),
    ).toStrictEqual(ofTwins);
    expect(files(to)).toMatchObject(winners);
    expect(report).toMatchObject({ directories: 2 });
    expect(missing(await restored({ dryRun: true }))).toStrictEqual(missing(report));
    const again = await restored();
    expect(missing(again)).toStrictEqual(missing(report));
    expect(again).toMatchObject({ filesUnchanged: again.files, bytesWritten: 0 });
    expect(files(to)).toMatchObject(winners);
  });

  test.each(["always", "if-changed", "if-newer", "never"] as const)(
    "with -overwrite %s and -delete, what was restored or kept stays, and twins touch nothing of it",
    async (overwrite) => {
      makeTwins(tree);
      await plakar.backup(tree);
      const first = await restored();
      mkdirSync(join(to, "extra"));
      writeFileSync(join(to, "DOCS", "extra"), "");
      const report = await restored({ overwrite, delete: true });
      expect(missing(report)).toStrictEqual(missing(first));
      expect(report).toMatchObject({ removed: 2 });
      expect(files(to)).toMatchObject(winners);
    },
  );

  test("what is there under other letters is the item, by every rule of overwriting", async () => {
    writeFileSync(join(tree, "ReadMe"), "new");
    mkdirSync(join(tree, "Sub"));
    writeFileSync(join(tree, "Sub", "File"), "new");
    await plakar.backup(tree);
    const old = (): void => {
      mkdirSync(join(to, "sUB"), { recursive: true });
      for (const path of [join(to, "rEADmE"), join(to, "sUB", "fILE")]) {
        writeFileSync(path, "old");
        // younger by more than such file systems count in
        const later = Date.now() / 1000 + 3600;
        utimesSync(path, later, later);
      }
    };
    for (const [overwrite, content] of [
      ["never", "old"],
      ["if-newer", "old"],
      ["if-changed", "new"],
      ["always", "new"],
    ] as const) {
      old();
      const report = await restored({ overwrite, delete: true });
      expect(report, overwrite).toMatchObject({ failures: [], removed: 0 });
      expect(files(to), overwrite).toStrictEqual({ readme: content, "sub/file": content });
      rmSync(to, { recursive: true });
    }
  });

  test("names that not every such directory takes for one are both there, or the second is told", async () => {
    const pairs = [
      ["STRASSE", "Straße"],
      ["É composed", "É composed".normalize("NFD")],
      ["K", "\u212a"],
    ].map((names) => names.toSorted());
    for (const name of pairs.flat()) writeFileSync(join(tree, name), name);
    await plakar.backup(tree);
    for (let round = 0; round < 2; round++) {
      const told = new Set((await restored({ delete: true })).failures.map(({ path }) => toText(path)));
      for (const name of pairs.flat()) {
        if (!told.has(name)) expect(readFileSync(join(to, name), "utf8")).toBe(name);
      }
      expect(pairs.map(([first]) => told.has(first))).toStrictEqual([false, false, false]);
      expect(readdirSync(to).length).toBe(pairs.flat().length - told.size);
    }
  });

  test("delete removes what goes by no name of the snapshot, and takes no twin for one", async () => {
    writeFileSync(join(tree, "Kept"), "kept");
    await plakar.backup(tree);
    writeFileSync(join(to, "kEPT"), "before");
    writeFileSync(join(to, "kept too"), "before");
    expect(await restored({ delete: true, dryRun: true })).toMatchObject({ failures: [], removed: 1 });
    expect(await restored({ delete: true })).toMatchObject({ failures: [], removed: 1 });
    expect(files(to)).toStrictEqual({ kept: "kept" });
  });

  test("links find twins as files do, and no further name is put onto one", async ({ skip }) => {
    skip(typeof folding === "string" || !folding.hasLinks, `${kind} has no links`);
    mkdirSync(join(tree, "dir"));
    symlinkSync("first", join(tree, "LINK"));
    symlinkSync("second", join(tree, "link"));
    symlinkSync("nowhere", join(tree, "DIR"));
    writeFileSync(join(tree, "dir", "file"), "in dir");
    // the second name of `0` comes before `twin`; the first name of `y` finds no place, and `z` is the file then
    writeFileSync(join(tree, "0"), "zero");
    linkSync(join(tree, "0"), join(tree, "TWIN"));
    writeFileSync(join(tree, "twin"), "twin");
    linkSync(join(tree, "twin"), join(tree, "y"));
    linkSync(join(tree, "twin"), join(tree, "z"));
    // two names of one file, which have one place
    writeFileSync(join(tree, "ONE"), "one");
    linkSync(join(tree, "ONE"), join(tree, "one"));
    await plakar.backup(tree);
    for (let round = 0; round < 2; round++) {
      expect(missing(await restored({ delete: true })).toSorted()).toStrictEqual(
        ["dir", "dir/file", "link", "one", "twin"].map((path) => `${path} restore-collision`),
      );
      expect(readlinkSync(join(to, "LINK"))).toBe("first");
      expect(readlinkSync(join(to, "DIR"))).toBe("nowhere");
      expect(files(to)).toStrictEqual({ "0": "zero", twin: "zero", y: "twin", z: "twin", one: "one" });
      expect(lstatSync(join(to, "y")).ino).toBe(lstatSync(join(to, "z")).ino);
      expect(lstatSync(join(to, "TWIN")).ino).toBe(lstatSync(join(to, "0")).ino);
    }
  });

  test("arguments that meet in one place under two names are told apart", async () => {
    for (const name of ["a", "b"]) mkdirSync(join(tree, name, "Dir"), { recursive: true });
    rmSync(join(tree, "b", "Dir"), { recursive: true });
    mkdirSync(join(tree, "b", "dIR"));
    writeFileSync(join(tree, "a", "Dir", "File"), "a");
    writeFileSync(join(tree, "b", "dIR", "other"), "b");
    for (const [directory, name] of [
      ["a", "TOP"],
      ["b", "top"],
    ] as const)
      writeFileSync(join(tree, directory, name), directory);
    await plakar.backup(tree);
    const report = await plakar.restore("", to, { skipPermissions: true, targets: ["latest:a", "latest:b"] });
    expect(missing(report).toSorted()).toStrictEqual(
      ["dIR", "dIR/other", "top"].map((path) => `${path} restore-collision`),
    );
    expect(files(to)).toStrictEqual({ "dir/file": "a", top: "a" });
  });
});

describe("into a directory that keeps names apart", () => {
  test("twins are items as all others, also when they are there already", async ({ skip }) => {
    const { plakar, above, tree } = await makeSmallTree(temporary(), {});
    skip(existsSync(join(above, "TREE")), "this file system folds case");
    makeTwins(tree);
    symlinkSync("first", join(tree, "LINK"));
    symlinkSync("second", join(tree, "link"));
    // two names of one file: the same thing is found by both
    writeFileSync(join(tree, "ONE"), "one");
    linkSync(join(tree, "ONE"), join(tree, "one"));
    writeFileSync(join(tree, "LONGNA~1.TXT"), "no short form of the next");
    writeFileSync(join(tree, "longname with spaces.txt"), "long");
    await plakar.backup(tree);
    const to = join(above, "back");
    for (const overwrite of ["if-changed", "always", "if-changed"] as const) {
      expect(await plakar.restore("latest", to, { overwrite, delete: true })).toMatchObject({
        failures: [],
        removed: 0,
      });
      expect(describeTree(to)).toStrictEqual(describeTree(tree));
    }
    writeFileSync(join(to, "NAME"), "a twin of nobody's");
    linkSync(join(to, "ONE"), join(to, "oNE"));
    expect(await plakar.restore("latest", to, { delete: true })).toMatchObject({ failures: [], removed: 2 });
    expect(describeTree(to)).toStrictEqual(describeTree(tree));
  });
});
