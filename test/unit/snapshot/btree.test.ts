import { assert, asyncProperty, integer, nat } from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  asMac,
  encodeBtreeNode,
  encodeBtreeRoot,
  type Mac,
  ResourceType,
  type SnapshotId,
} from "../../../src/format/index.ts";
import { type ByteString, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { type Repository, RepositoryWriter, trustedPacks } from "../../../src/repository/index.ts";
import {
  attributeTree,
  Btree,
  type BtreeShape,
  contentTypeIndex,
  entryTree,
  indexShapes,
} from "../../../src/snapshot/index.ts";
import { type TreePair, writeTree } from "../../../src/snapshot/tree-writer.ts";
import type { Store } from "../../../src/store/contract.ts";
import { memoryStore, newSnapshotId, open } from "../repository/memory-repository.ts";

const contentTypes = indexShapes[contentTypeIndex] as BtreeShape;
/** What tells the orders apart: paths go by depth first, keys by their bytes. */
const alphabet = ["a", "b", "/", "~", "\xff", "\x01"];

let store: Store;
let repository: Repository;

beforeAll(async () => {
  store = await memoryStore();
});

/** Commits what `fill` puts, and answers the MAC that it answers. */
async function stored(fill: (writer: RepositoryWriter) => Mac | Promise<Mac>): Promise<Mac> {
  const writing = await open(store);
  await writing.load();
  const id: SnapshotId = newSnapshotId();
  const writer = new RepositoryWriter(writing, { snapshot: id, padding: false }, await trustedPacks(writing));
  const mac = await fill(writer);
  await writer.commit();
  repository = await open(store);
  await repository.load();
  return mac;
}

function somePairs(random: SeededRandom, count: number): TreePair[] {
  const pairs = new Map<string, TreePair>();
  while (pairs.size < count) {
    const length = 1 + random.below(12);
    const key = `/${Array.from({ length }, () => alphabet[random.below(alphabet.length)]).join("")}` as ByteString;
    pairs.set(key, { key, value: asMac(random.bytes(32)) });
  }
  return [...pairs.values()];
}

async function collect(pairs: AsyncIterable<{ key: ByteString; value: Mac }>): Promise<[string, string][]> {
  const all: [string, string][] = [];
  for await (const { key, value } of pairs) all.push([key, toHex(value)]);
  return all;
}

describe.each([entryTree, attributeTree, contentTypes])("the $what", (shape) => {
  test("answers every key, no other, and all in order from any key on", async () => {
    await assert(
      asyncProperty(integer({ min: 0, max: 3000 }), nat(), async (count, seed) => {
        const random = new SeededRandom(seed);
        const pairs = somePairs(random, count);
        const root = await stored((writer) => writeTree(writer, [...pairs], shape));
        const tree = new Btree(repository.reader, root, shape);
        const sorted = pairs.toSorted((a, b) => shape.compare(a.key, b.key));

        expect(await collect(tree.scan())).toStrictEqual(sorted.map(({ key, value }) => [key, toHex(value)]));
        for (const { key, value } of sorted.filter((_, at) => at % 37 === 0 || at % 49 < 2)) {
          expect(await tree.get(key)).toStrictEqual(value);
        }
        for (const { key } of [...somePairs(random, 5), ...sorted.slice(0, 2)]) {
          const absent = `${key}?` as ByteString;
          expect(await tree.get(absent)).toBeUndefined();
          const from = sorted.filter((each) => shape.compare(each.key, absent) >= 0);
          expect(await collect(tree.scan(absent))).toStrictEqual(from.map((each) => [each.key, toHex(each.value)]));
        }
      }),
      {
        seed: 1,
        numRuns: 12,
        examples: [
          [0, 1],
          [1, 2],
          [49, 3],
          [50, 4],
          [49 * 50, 5],
          [49 * 50 + 1, 6],
        ],
      },
    );
  });

  test("names its root and every node once", async () => {
    const pairs = somePairs(new SeededRandom(7), 49 * 50 + 1);
    const root = await stored((writer) => writeTree(writer, pairs, shape));
    const nodes: string[] = [];
    for await (const { type, mac } of new Btree(repository.reader, root, shape).nodes()) {
      nodes.push(`${type} ${toHex(mac)}`);
      await repository.reader.read(type, mac, "a node");
    }
    expect(nodes[0]).toBe(`${shape.rootType} ${toHex(root)}`);
    expect(new Set(nodes).size).toBe(nodes.length);
    // 51 leaves below two branches below one: no node is full of fewer than it could have
    expect(nodes).toHaveLength(1 + 51 + 2 + 1);
  });
});

describe("a damaged tree", () => {
  const leaf = (keys: readonly string[], values: readonly Mac[] | null): Uint8Array<ArrayBuffer> =>
    encodeBtreeNode({ keys: keys as ByteString[], pointers: null, values, next: null });
  const rooted = (writer: RepositoryWriter, root: Mac): Mac =>
    writer.put(entryTree.rootType, encodeBtreeRoot({ version: 0, order: 50, count: 0, root }));
  const value = asMac(new SeededRandom(3).bytes(32));

  async function expectDamage(
    [code, how]: readonly [string, string],
    fill: (writer: RepositoryWriter) => Mac,
  ): Promise<void> {
    // first, for it opens the repository anew
    const root = await stored(fill);
    const tree = new Btree(repository.reader, root, entryTree);
    await expect(collect(tree.scan())).rejects.toMatchObject({
      kind: "corrupted",
      code,
      message: expect.stringContaining(how),
    });
  }

  test("fails by name where a node is missing", async () => {
    await expectDamage(["blob-missing", "tree of entries"], (writer) => rooted(writer, value));
  });

  test("fails where keys are out of order", async () => {
    for (const keys of [
      ["/b", "/a"],
      ["/a", "/a"],
    ]) {
      await expectDamage(["tree-damaged", "is out of order"], (writer) =>
        rooted(writer, writer.put(entryTree.nodeType, leaf(keys, [value, value]))),
      );
    }
  });

  test("fails where a key has no value", async () => {
    await expectDamage(["tree-damaged", "more keys than values"], (writer) =>
      rooted(writer, writer.put(entryTree.nodeType, leaf(["/a", "/b"], [value]))),
    );
  });

  test("fails where a branch leads nowhere", async () => {
    await expectDamage(["tree-damaged", "more keys than values"], (writer) => {
      const only = writer.put(entryTree.nodeType, leaf(["/a"], [value]));
      const branch = { keys: ["/b" as ByteString], pointers: [only], values: null, next: null };
      return rooted(writer, writer.put(entryTree.nodeType, encodeBtreeNode(branch)));
    });
  });

  /** Each level refers twice to the one below it, so that there are 2^60 ways down. */
  async function many(leafKeys: readonly string[]): Promise<Btree> {
    const root = await stored((writer) => {
      let below = writer.put(
        entryTree.nodeType,
        leaf(
          leafKeys,
          leafKeys.map(() => value),
        ),
      );
      for (let depth = 0; depth < 60; depth++) {
        const branch = { keys: ["/m" as ByteString], pointers: [below, below], values: null, next: null };
        below = writer.put(entryTree.nodeType, encodeBtreeNode(branch));
      }
      return rooted(writer, below);
    });
    return new Btree(repository.reader, root, entryTree);
  }

  test.each([[[]], [["/a"]], [["/m"]], [["/z"]]])(
    "ends where few nodes stand at many places (leaf %j)",
    async (keys) => {
      const tree = await many(keys);
      const damage = { kind: "corrupted", code: "tree-damaged" };
      await expect(collect(tree.scan())).rejects.toMatchObject(damage);
      await expect(Array.fromAsync(tree.nodes())).rejects.toMatchObject(damage);
    },
  );

  test("fails where the nodes of one tree stand in another", async () => {
    const pairs = somePairs(new SeededRandom(9), 10);
    const root = await stored((writer) => writeTree(writer, pairs, attributeTree));
    await expect(collect(new Btree(repository.reader, root, entryTree).scan())).rejects.toMatchObject({
      kind: "corrupted",
    });
    expect(entryTree.nodeType).toBe(ResourceType.vfsNode);
  });
});
