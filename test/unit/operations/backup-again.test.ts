import { deepStrictEqual } from "node:assert/strict";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { asSnapshotId, ResourceType } from "../../../src/format/index.ts";
import { type ByteString, fromText, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import type { BackupReport } from "../../../src/operations/index.ts";
import { directoryIndex, SnapshotView } from "../../../src/snapshot/index.ts";
import { createMemoryStore } from "../../../src/store/index.ts";
import { setExtendedAttribute } from "../../../src/system/index.ts";
import { damageBlob } from "../../support/damage-blob.ts";
import { InProcess } from "../../support/in-process.ts";
import { describeTree } from "../../support/tree.ts";
import { undisturbed } from "../../support/undisturbed.ts";
import { noAttributes, temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();
const ROUNDS = 12;
const NAMES = ["a", "a-b", "a.b", "b", "\u00e9", "z z", "Z", "a b"];

/** The same trees in two stores of one key: one backup goes on from the other, and beside it each reads everything. */
class Pair {
  readonly going: InProcess;
  readonly anew: InProcess;

  private constructor(going: InProcess, anew: InProcess) {
    this.going = going;
    this.anew = anew;
  }

  static async create(passphrase: string | null = null): Promise<Pair> {
    const pair = new Pair(
      new InProcess(createMemoryStore(), { passphrase }),
      new InProcess(createMemoryStore(), { passphrase }),
    );
    await pair.going.create();
    await pair.anew.store.create(await pair.going.store.readConfiguration());
    return pair;
  }

  /** Fails unless a backup that goes on from its parent refers to just what one without a parent does. */
  async backup(tree: string): Promise<BackupReport> {
    let report: BackupReport | undefined;
    await undisturbed(async (watch) => {
      watch(tree);
      const again = await this.going.backup(tree);
      report ??= again; // what changed is seen by the first one alone
      const whole = await this.anew.backup(tree, { cache: "no" });
      deepStrictEqual(await rootsOf(this.going, again), await rootsOf(this.anew, whole));
    });
    return report as unknown as BackupReport;
  }
}

async function rootsOf(plakar: InProcess, { snapshot }: BackupReport): Promise<unknown> {
  const { header } = await SnapshotView.open(await plakar.loaded(), asSnapshotId(snapshot ?? ""));
  const [source] = header.sources;
  if (!source) return undefined;
  const { root, xattrs, errors } = source.root;
  return {
    root: [root, xattrs, errors].map(toHex),
    indexes: source.indexes.map(({ name, value }) => [name, toHex(value)]),
    summary: source.summary,
  };
}

async function expectWhole(plakar: InProcess, { snapshot }: BackupReport, tree: string): Promise<void> {
  expect(await plakar.check(snapshot ?? "")).toMatchObject({ damaged: false, snapshots: [{ problems: [] }] });
  const back = join(temporary(), "back");
  expect(await plakar.restore(snapshot ?? "", back)).toMatchObject({ failures: [] });
  expect(describeTree(back)).toStrictEqual(describeTree(tree));
}

/** Files and directories below `tree`, that itself not among them. */
function itemsIn(tree: string): { path: string; kind: "file" | "directory" | "link" }[] {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .map((entry) => ({
      path: join(entry.parentPath, entry.name),
      kind: entry.isDirectory() ? ("directory" as const) : entry.isFile() ? ("file" as const) : ("link" as const),
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Changes one thing, or does nothing where what was drawn is not possible. */
function change(random: SeededRandom, tree: string, withAttributes: boolean): void {
  const items = itemsIn(tree);
  const pick = (kind: string): string | undefined => {
    const found = items.filter((item) => item.kind === kind);
    return found[random.below(Math.max(1, found.length))]?.path;
  };
  const directory = pick("directory") ?? tree;
  const fresh = join(
    random.below(3) === 0 ? tree : directory,
    `${NAMES[random.below(NAMES.length)]}${random.below(4)}`,
  );
  const file = pick("file");
  const isFree = !items.some(({ path }) => path === fresh);
  const bytes = (): Uint8Array => random.bytes(random.below(2000));
  const attribute = (path: string): void =>
    setExtendedAttribute(fromText(path), `user.x${random.below(3)}` as ByteString, random.bytes(1 + random.below(9)));
  const [action = (): void => undefined] = [
    () => isFree && writeFileSync(fresh, bytes()),
    () => isFree && mkdirSync(fresh),
    () => isFree && symlinkSync(`target${random.below(9)}`, fresh),
    () => isFree && file && linkSync(file, fresh),
    () => file && utimesSync(file, random.below(1 << 30), random.below(1 << 30) + random.below(100) / 100),
    () => file && chmodSync(file, 0o400 + random.below(0o100)),
    () => utimesSync(directory, 7, random.below(1 << 30)),
    () => file && writeFileSync(file, bytes()),
    () => file && rewriteUnseen(file, random),
    () => file && isFree && renameSync(file, fresh),
    () => file && rmSync(file),
    () => isFree && !fresh.startsWith(`${directory}/`) && directory !== tree && renameSync(directory, fresh),
    () => directory !== tree && random.below(3) === 0 && rmSync(directory, { recursive: true }),
    () => retarget(pick("link"), random),
    () => withAttributes && file && attribute(file),
    () => withAttributes && attribute(directory),
    () => file && replaceByDirectory(file),
  ].slice(random.below(17));
  action();
}

/** Another content of the same size under the same time. */
function rewriteUnseen(file: string, random: SeededRandom): void {
  const { size, atime, mtime } = lstatSync(file);
  chmodSync(file, 0o600);
  writeFileSync(file, random.bytes(size));
  utimesSync(file, atime, mtime);
}

function retarget(link: string | undefined, random: SeededRandom): void {
  if (link === undefined) return;
  rmSync(link);
  symlinkSync(`other${random.below(9)}`, link);
}

function replaceByDirectory(file: string): void {
  rmSync(file);
  mkdirSync(file);
  writeFileSync(join(file, "inside"), "inside");
}

function makeTree(random: SeededRandom, tree: string): void {
  mkdirSync(tree);
  for (let made = 0; made < 80; made++) change(random, tree, false);
}

/** Removes some packfiles, but not that of the newest header. */
async function losePackfiles(random: SeededRandom, plakar: InProcess, { snapshot }: BackupReport): Promise<void> {
  const { state } = await plakar.loaded();
  const own = (state.headers.get(snapshot ?? "") ?? []).map((pack) => state.packIds[pack] as string);
  for (const { id } of await plakar.store.list("packfiles")) {
    if (!own.includes(id) && random.below(2) === 0) await plakar.store.delete("packfiles", id);
  }
}

describe("a backup that goes on from its parent makes the trees that one without a parent makes", () => {
  test.each([1, 2, 3])("whatever changes in between (seed %i)", async (seed) => {
    const random = new SeededRandom(seed);
    const above = temporary();
    const withAttributes = noAttributes(above) === undefined;
    const tree = join(above, "tree");
    makeTree(random, tree);
    const pair = await Pair.create();
    let report = await pair.backup(tree);
    for (let round = 0; round < ROUNDS; round++) {
      for (let made = random.below(5); made > 0; made--) change(random, tree, withAttributes);
      report = await pair.backup(tree);
    }
    await expectWhole(pair.going, report, tree);
  });

  test.each([4, 5])("and stores again what was lost meanwhile (seed %i)", async (seed) => {
    const random = new SeededRandom(seed);
    const tree = join(temporary(), "tree");
    makeTree(random, tree);
    const pair = await Pair.create();
    let report = await pair.backup(tree);
    for (let round = 0; round < 6; round++) {
      for (let made = random.below(3); made > 0; made--) change(random, tree, false);
      await losePackfiles(random, pair.going, report);
      report = await pair.backup(tree);
      await expectWhole(pair.going, report, tree);
    }
  });

  test("and reads again what a lost state named, with all that is above it", async () => {
    const random = new SeededRandom(6);
    const tree = join(temporary(), "tree");
    makeTree(random, tree);
    const pair = await Pair.create();
    await pair.backup(tree);
    const [first] = await pair.going.store.list("states");
    writeFileSync(join(tree, "a0"), "another");
    await pair.backup(tree);
    await pair.going.store.delete("states", first?.id ?? "");
    await expectWhole(pair.going, await pair.backup(tree), tree);
  });

  test("in an encrypted store, when nothing changes", async () => {
    const tree = join(temporary(), "tree");
    makeTree(new SeededRandom(7), tree);
    const pair = await Pair.create("a passphrase of tests");
    const { filesNew } = await pair.backup(tree);
    for (let time = 0; time < 2; time++) {
      expect(await pair.backup(tree)).toMatchObject({ filesNew: 0, filesUnchanged: filesNew, bytesRead: 0 });
    }
  });

  test.each<[string, (view: SnapshotView, path: ByteString) => Promise<[ResourceType, Uint8Array | undefined]>]>([
    ["a listing", async (view, path) => [ResourceType.object, await view.indexes.get(directoryIndex)?.get(path)]],
    ["an entry", async (view, path) => [ResourceType.vfsEntry, await view.entries.get(path)]],
    ["the tree of entries", async (view) => [ResourceType.vfsBtree, view.header.sources[0]?.root.root]],
    ["the index of listings", async (view) => [ResourceType.btreeRoot, view.header.sources[0]?.indexes[1]?.value]],
  ])("where %s of the parent is damaged", async (_what, blob) => {
    const tree = join(temporary(), "tree");
    makeTree(new SeededRandom(8), tree);
    mkdirSync(join(tree, "sub"), { recursive: true });
    writeFileSync(join(tree, "sub", "file"), "content");
    const pair = await Pair.create();
    const { snapshot } = await pair.backup(tree);
    const view = await SnapshotView.open(await pair.going.loaded(), asSnapshotId(snapshot ?? ""));
    const [type, mac] = await blob(view, fromText(join(tree, "sub")));
    await damageBlob(pair.going, type, mac as never);
    writeFileSync(join(tree, "sub", "more"), "more");
    await pair.backup(tree);
    await pair.backup(tree);
  });
});
