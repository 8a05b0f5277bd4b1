import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  asMac,
  encodeHeader,
  type Mac,
  ResourceType,
  type SnapshotHeader,
  type SnapshotId,
} from "../../../src/format/index.ts";
import { type ByteString, fromText } from "../../../src/foundation/index.ts";
import { findOrphans, RepositoryWriter, trustedPacks, writeTombstone } from "../../../src/repository/index.ts";
import { SnapshotView, summaryIndex } from "../../../src/snapshot/index.ts";
import { setExtendedAttribute } from "../../../src/system/index.ts";
import { damageBlob } from "../../support/damage-blob.ts";
import type { InProcess } from "../../support/in-process.ts";
import { newSnapshotId } from "../repository/memory-repository.ts";
import { noAttributes, temporaryDirectories } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();

let plakar: InProcess;
let above = "";
let tree = "";

beforeEach(async () => {
  ({ plakar, above, tree } = await makeSmallTree(temporary(), { a: "content of a", "sub/b": "content of b" }));
});

async function snapshot(options: { readonly noXattr?: boolean } = {}): Promise<SnapshotView> {
  const { snapshot: id } = await plakar.backup(tree, options);
  return SnapshotView.open(await plakar.loaded(), id as SnapshotId);
}

/** Commits a header that no backup would write, and answers its id. */
async function commit(header: SnapshotHeader): Promise<string> {
  const repository = await plakar.loaded();
  const id = newSnapshotId();
  const writer = new RepositoryWriter(repository, { snapshot: id, padding: false }, await trustedPacks(repository));
  const identifier = asMac(Buffer.from(id, "hex"));
  writer.putUnder(ResourceType.snapshot, identifier, encodeHeader({ ...header, identifier }));
  await writer.commit();
  return id;
}

/** A snapshot whose only source is partly that of another. */
function mixed(
  { header }: SnapshotView,
  change: (source: SnapshotHeader["sources"][number]) => Partial<SnapshotHeader["sources"][number]>,
): SnapshotHeader {
  return { ...header, sources: header.sources.map((source) => ({ ...source, ...change(source) })) };
}

test("a sound store has nothing to tell", async () => {
  await snapshot();
  await snapshot();
  const report = await plakar.check();
  expect(report).toMatchObject({ damaged: false, storeProblems: [], notes: [] });
  expect(report.snapshots.map(({ files, bytes, problems, gaps }) => [files, bytes, problems, gaps])).toStrictEqual([
    [2, 24, [], []],
    [2, 24, [], []],
  ]);
});

test("an attribute that a snapshot mentions and never kept is a gap, not damage", async ({ skip }) => {
  const reason = noAttributes(above);
  skip(reason !== undefined, reason);
  setExtendedAttribute(fromText(join(tree, "a")), "user.lost" as ByteString, Buffer.from("value"));
  const withThem = await snapshot();
  const without = await snapshot({ noXattr: true });
  const { xattrs } = without.header.sources[0]?.root ?? expect.unreachable();
  const id = await commit(mixed(withThem, ({ root }) => ({ root: { ...root, xattrs } })));
  const report = await plakar.check(id);
  expect(report.damaged).toBe(false);
  expect(report.snapshots).toMatchObject([
    {
      problems: [],
      gaps: [{ path: `${tree}/a`, code: "attribute-not-kept", message: expect.stringContaining("user.lost") }],
    },
  ]);
  const restored = await plakar.restore(id, join(above, "back"));
  expect(restored.failures).toMatchObject([{ path: "a", damaged: false }]);
});

describe("what several snapshots share is looked at once, and counts for each", () => {
  test("where a tree of theirs is damaged", async () => {
    const first = await snapshot();
    const second = await snapshot();
    const summary = await first.indexes.get(summaryIndex)?.get(fromText(tree));
    expect(await second.indexes.get(summaryIndex)?.get(fromText(tree))).toStrictEqual(summary);
    await damageBlob(plakar, ResourceType.vfsSummary, summary as Mac);
    const report = await plakar.check();
    expect(report.snapshots).toHaveLength(2);
    for (const { problems } of report.snapshots) expect(problems).not.toStrictEqual([]);
  });

  test("where one directory is in two, of which one has lost its attributes", async ({ skip }) => {
    const reason = noAttributes(above);
    skip(reason !== undefined, reason);
    setExtendedAttribute(fromText(join(tree, "a")), fromText("user.kept"), Buffer.from("value"));
    const whole = await snapshot();
    const without = await snapshot({ noXattr: true });
    const lost = await commit(mixed(whole, ({ root }) => ({ root: { ...root, xattrs: without.attributes.root } })));
    const { snapshots } = await plakar.check();
    expect(new Map(snapshots.map(({ id, gaps }) => [id as string, gaps.length]))).toStrictEqual(
      new Map<string, number>([
        [whole.id, 0],
        [without.id, 0],
        [lost, 1],
      ]),
    );
  });
});

describe("a snapshot is damaged", () => {
  const problemsOf = async (id: string): Promise<string[]> => {
    const report = await plakar.check(id);
    expect(report.damaged).toBe(true);
    return report.snapshots.flatMap(({ problems }) => problems.map(({ code }) => code));
  };

  test("whose tree of entries is that of another", async () => {
    const before = await snapshot();
    writeFileSync(join(tree, "sub", "more"), "more");
    const after = await snapshot();
    const { root: entries } = after.header.sources[0]?.root ?? expect.unreachable();
    const id = await commit(mixed(before, ({ root }) => ({ root: { ...root, root: entries } })));
    expect(await problemsOf(id)).toContain("tree-damaged");
  });

  test("whose directories lack one", async () => {
    const whole = await snapshot();
    const { snapshot: other } = await plakar.backup(join(tree, "sub"));
    const { header } = await SnapshotView.open(await plakar.loaded(), other as SnapshotId);
    const indexes = header.sources[0]?.indexes ?? [];
    const id = await commit(mixed(whole, () => ({ indexes })));
    // the directory above has another listing there, which lacks what this root holds
    expect(await problemsOf(id)).not.toStrictEqual([]);
  });

  test("whose header names a tree that is not in the store", async () => {
    const whole = await snapshot();
    const errors = asMac(Buffer.alloc(32, 7));
    const id = await commit(mixed(whole, ({ root }) => ({ root: { ...root, errors } })));
    expect(await problemsOf(id)).toContain("blob-missing");
  });
});

describe("packfiles that no state names", () => {
  test("are a note where a backup never came to its end", async () => {
    await snapshot();
    const repository = await plakar.loaded();
    const id = newSnapshotId();
    const writer = new RepositoryWriter(repository, { snapshot: id, padding: false }, await trustedPacks(repository));
    writer.put(ResourceType.chunk, Buffer.from("nobody's chunk"));
    await writer.flush();
    expect(await plakar.check()).toMatchObject({
      ...{ damaged: false, storeProblems: [] },
      notes: [expect.stringContaining("1 packfile of interrupted backups")],
    });
  });

  test("are damage where one holds a snapshot, whose state was lost", async () => {
    const { id } = await snapshot();
    await plakar.store.delete("states", id);
    const report = await plakar.check();
    expect(report.damaged).toBe(true);
    expect(report.storeProblems).toMatchObject([
      { code: "state-missing", message: expect.stringContaining(id.slice(0, 8)) },
    ]);
  });
});

test("a backup that ends while another command looks is not taken for one whose state was lost", async () => {
  const before = await plakar.loaded();
  const { id } = await snapshot();
  expect(await findOrphans(before)).toMatchObject({ packfiles: [expect.any(String)], headers: [] });
  await plakar.store.delete("states", id);
  expect(await findOrphans(before)).toMatchObject({ headers: [{ snapshot: id }] });
});

test("a removed snapshot is not looked at, and its removal twice is no damage", async () => {
  const { id } = await snapshot();
  const kept = await snapshot();
  const repository = await plakar.loaded();
  for (let times = 0; times < 2; times++) await writeTombstone(repository, id);
  const report = await plakar.check();
  expect(report).toMatchObject({ damaged: false, snapshots: [{ id: kept.id }] });
});
