import { expect, test } from "vitest";
import { type Usage, usageOf } from "../../../src/operations/index.ts";
import { createMemoryStore } from "../../../src/store/index.ts";
import { directory, file, type HostileItem, link, writeHostileSnapshot } from "../../support/hostile-snapshot.ts";
import { InProcess } from "../../support/in-process.ts";
import { temporaryDirectories } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();

async function usages(plakar: InProcess, target: string, maxDepth?: number): Promise<Usage[]> {
  const found: Usage[] = [];
  const options = maxDepth === undefined ? {} : { maxDepth };
  for await (const usage of usageOf(await plakar.open(), target, options)) found.push(usage);
  return found;
}

async function withoutSummaries(tree: Readonly<Record<string, readonly HostileItem[]>>): Promise<InProcess> {
  const plakar = new InProcess(createMemoryStore());
  await plakar.create();
  await writeHostileSnapshot(await plakar.open(), new Map(Object.entries(tree)));
  return plakar;
}

const none = { sizeBytes: 0, files: 0, directories: 0, symlinks: 0, special: 0, errors: 0 };

test("directories are summed up from what is in them where a snapshot has no summaries", async () => {
  const plakar = await withoutSummaries({
    "/": [file("a", "four"), directory("b"), directory("e")],
    "/b": [file("c", "seven!!"), directory("d"), link("l", "c")],
    "/b/d": [file("f", "xx"), { name: "p", kind: "fifo" }],
    "/e": [],
  });
  const d = { ...none, sizeBytes: 2, files: 1, special: 1 };
  const b = { ...none, sizeBytes: 9, files: 2, directories: 1, symlinks: 1, special: 1 };
  const all = { ...b, sizeBytes: 13, files: 3, directories: 3, errors: 1 };
  const wanted = [
    { path: "/b/d", depth: 2, ...d },
    { path: "/b", depth: 1, ...b },
    { path: "/e", depth: 1, ...none },
    { path: "/", depth: 0, ...all },
  ];
  expect(await usages(plakar, "latest:/")).toStrictEqual(wanted);
  for (const depth of [0, 1, 2])
    expect(await usages(plakar, "latest:/", depth)).toStrictEqual(wanted.filter((each) => each.depth <= depth));
  expect(await usages(plakar, "latest:/b")).toStrictEqual([
    { path: "/b/d", depth: 1, ...d },
    { path: "/b", depth: 0, ...b },
  ]);
});

test("summaries and counting come to the same", async () => {
  const { plakar, tree } = await makeSmallTree(temporary(), { a: "a", "sub/c": "ccc", "sub/d": "" });
  await plakar.backup(tree);
  const counted = await withoutSummaries({
    "/": [file("a", "a"), directory("sub")],
    "/sub": [file("c", "ccc"), file("d", "")],
  });
  const strip = (all: Usage[]): unknown[] => all.map(({ path: _path, errors: _errors, ...rest }) => rest);
  expect(strip(await usages(plakar, "latest"))).toStrictEqual(strip(await usages(counted, "latest:/")));
});
