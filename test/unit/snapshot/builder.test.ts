import { assert, asyncProperty, nat } from "fast-check";
import { expect, test } from "vitest";
import {
  asMac,
  asSnapshotId,
  encodeHeader,
  ResourceType,
  type SnapshotHeader,
  type SummaryCounts,
  V1_0_0,
} from "../../../src/format/index.ts";
import { type ByteString, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { shareClaims } from "../../../src/pipeline/claims.ts";
import { ListingStorer } from "../../../src/pipeline/listing-storer.ts";
import { PackWriter } from "../../../src/pipeline/pack-writer.ts";
import { type Repository, RepositoryWriter, trustedPacks } from "../../../src/repository/index.ts";
import {
  type BuilderItem,
  type BuiltSource,
  contentTypeIndex,
  entryOf,
  itemOf,
  type ListingStore,
  SnapshotBuilder,
  SnapshotView,
} from "../../../src/snapshot/index.ts";
import type { Store } from "../../../src/store/contract.ts";
import { memoryStore, newSnapshotId, open } from "../repository/memory-repository.ts";
import { type GeneratedDirectory, generateTree } from "./generated-tree.ts";

/** Stores listings as worker threads do, but in this one, and later. */
function elsewhere({ sealer, configuration, state }: Repository, writer: RepositoryWriter): Elsewhere {
  const packs = new PackWriter({
    ...{ sealer, chunking: configuration.chunking, packTargetBytes: 16 << 20, packPaddingBytes: 0 },
    ...{ index: state.blobs.share(new SharedArrayBuffer(1)), claims: shareClaims() },
    packsUnderWay: new SharedArrayBuffer(4),
    post: () => {
      throw new Error("no tree here fills a packfile");
    },
  });
  const storer = new ListingStorer(sealer, packs, 1 << 20);
  let directories = 0;
  return {
    isStarted: true,
    storeListing: async (listing) => {
      await Promise.resolve();
      directories++;
      const { macs, objects, healed } = storer.store(new Uint8Array(listing), Uint32Array.of(listing.length));
      return { macs, object: objects, healed };
    },
    finish: () => {
      const rest = packs.finish();
      if (rest) writer.addSealed(rest);
      return directories;
    },
  };
}

interface Elsewhere extends ListingStore {
  /** Answers how many directories were stored. */
  finish(): number;
}

async function build(
  tree: ReadonlyMap<ByteString, GeneratedDirectory>,
  random: SeededRandom,
  isElsewhere = false,
  store?: Store,
): Promise<SnapshotView> {
  store ??= await memoryStore();
  const writing = await open(store);
  await writing.load();
  const id = newSnapshotId();
  const writer = new RepositoryWriter(writing, { snapshot: id, padding: false }, await trustedPacks(writing));
  const others = isElsewhere ? elsewhere(writing, writer) : undefined;
  const builder = new SnapshotBuilder(writer, others);
  builder.root((tree.get("/" as ByteString) as GeneratedDirectory).item);
  // directories come when their contents are read, in any order
  const order = [...tree].map((directory) => ({ directory, at: random.below(1 << 30) }));
  for (const { directory } of order.toSorted((a, b) => a.at - b.at)) {
    const [path, { children, failures }] = directory;
    await builder.directory(path, children, failures);
  }
  const nonEmpty = [...tree.values()].filter(({ children }) => children.length > 0).length;
  if (others) expect(others.finish()).toBe(nonEmpty);
  const built = await builder.finish();
  writer.putUnder(ResourceType.snapshot, asMac(Buffer.from(id, "hex")), encodeHeader(headerOf(id, built)));
  await writer.commit();
  const reading = await open(store);
  await reading.load();
  return SnapshotView.open(reading, asSnapshotId(id));
}

function headerOf(id: string, built: BuiltSource): SnapshotHeader {
  return {
    version: V1_0_0,
    identifier: asMac(Buffer.from(id, "hex")),
    timestampNs: 1_767_323_045_000_000_000n,
    durationNs: 0n,
    identity: { identifier: new Uint8Array(16), publicKey: null },
    ...{ name: "", category: "", environment: "", perimeter: "", job: "", replicas: 1, dataset: "" },
    ...{ dataClasses: [], classifications: [], tags: [], context: [] },
    sources: [
      {
        importer: { type: "fs", origin: "host", directory: "/" as ByteString },
        context: [],
        root: built.root,
        indexes: built.indexes,
        summary: built.summary,
      },
    ],
  };
}

/** An item as a view must answer it: contents are looked at apart. */
function withoutContent({ content: _content, extendedAttributes: _attributes, ...item }: BuilderItem): BuilderItem {
  return { ...item, info: { ...item.info, linkCount: item.info.linkCount & 0xffff } };
}

/** What is in and below a directory, counted item by item. */
function countSlowly(directories: readonly GeneratedDirectory[]): SummaryCounts {
  const items = directories.flatMap(({ children }) => children);
  const files = items.filter(({ content }) => content);
  const has = (bit: number): number => items.filter(({ info }) => info.permissions & bit).length;
  const of = (...kinds: readonly string[]): number => items.filter(({ info }) => kinds.includes(info.kind)).length;
  const mime = (prefix: string): number =>
    files.filter(({ content }) => content?.contentType.startsWith(prefix)).length;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
  const sizes = files.map(({ info }) => info.sizeBytes);
  const entropies = files.map(({ content }) => content?.entropy ?? 0);
  const seconds = items.map(({ info }) => Number(info.modifiedNs / 1_000_000_000n));
  const counts: SummaryCounts = {
    directories: of("directory"),
    files: of("file"),
    symlinks: of("symlink"),
    pipes: of("fifo"),
    sockets: of("socket"),
    children: items.length,
    setuid: has(0o4000),
    setgid: has(0o2000),
    sticky: has(0o1000),
    objects: files.length,
    chunks: sum(files.map(({ content }) => content?.chunks ?? 0)),
    size: sum(sizes),
    hi_entropy: entropies.filter((entropy) => entropy >= 7).length,
    lo_entropy: entropies.filter((entropy) => entropy <= 2).length,
    MIME_audio: mime("audio/"),
    MIME_video: mime("video/"),
    MIME_image: mime("image/"),
    MIME_text: mime("text/"),
    MIME_application: mime("application/"),
    MIME_other: mime("font/"),
    errors: sum(directories.map(({ failures }) => failures.length)),
    ...(items.length > 0 && { min_mod_time: Math.min(...seconds), max_mod_time: Math.max(...seconds) }),
    ...(files.length > 0 && {
      min_size: Math.min(...sizes),
      max_size: Math.max(...sizes),
      min_entropy: Math.min(...entropies),
      max_entropy: Math.max(...entropies),
    }),
  };
  return nonZero(counts);
}

/** The format has no zeros. */
function nonZero(counts: SummaryCounts): SummaryCounts {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0));
}

test("a snapshot answers every item, attribute, error and count of the tree that it was built from", async () => {
  await assert(
    asyncProperty(nat({ max: 400 }), nat(), async (items, seed) => {
      const random = new SeededRandom(seed);
      const tree = generateTree(random, items);
      const view = await build(tree, random);
      const failures = new Map<string, string>();
      const types: string[] = [];
      for (const [path, { children, failures: failed }] of tree) {
        const found = await view.children(path);
        expect(found.map(({ path: at, entry }) => itemOf(at, entry))).toStrictEqual(children.map(withoutContent));
        for (const child of children) {
          const entry = await view.entry(child.path);
          const expected = entryOf(child);
          expect(entry).toStrictEqual({ ...expected, fileInfo: expect.anything() });
          const values = await view.attributesOf(child.path, entry.extendedAttributes ?? []);
          expect(values.values.map(({ name, value }) => [name, toHex(value)])).toStrictEqual(
            (child.extendedAttributes ?? []).map(({ name, value }) => [name, toHex(value)]),
          );
          expect(values.failures).toStrictEqual([]);
          const type = expected.contentType?.split(";")[0];
          if (type !== undefined) types.push(`/${type}${child.path}`);
        }
        for (const failure of failed) failures.set(failure.path, failure.message);

        const below = [...tree.values()].filter(
          ({ item }) => item.path !== path && item.path.startsWith(path === "/" ? "/" : `${path}/`),
        );
        const { directory, below: deeper } = (await view.summary(path)) ?? expect.unreachable(path);
        const { avg_size: size, avg_entropy: entropy, sum_entropy: entropies, ...own } = directory;
        expect(own).toStrictEqual(countSlowly([tree.get(path) as GeneratedDirectory]));
        expect(nonZero(deeper)).toStrictEqual(countSlowly(below));
        if (own.files) {
          expect(size).toBe(Math.floor((own.size ?? 0) / own.files) || undefined);
          expect(entropy).toBe((entropies ?? 0) / own.files || undefined);
        }
      }
      const answered = new Map<string, string>();
      for await (const { path, message } of view.failures()) answered.set(path, message);
      expect(answered).toStrictEqual(failures);
      const indexed: string[] = [];
      for await (const { key } of view.indexes.get(contentTypeIndex)?.scan() ?? []) indexed.push(key);
      expect(indexed).toStrictEqual(types.toSorted((a, b) => (a < b ? -1 : 1)));
    }),
    { seed: 1, numRuns: 15 },
  );
});

test("a path that is not there is an error that says what to do", async () => {
  const view = await build(generateTree(new SeededRandom(1), 20), new SeededRandom(1));
  await expect(view.entry("/no/such" as ByteString)).rejects.toMatchObject({
    code: "path-not-found",
    kind: "missing",
    advice: expect.stringContaining("plakar ls"),
  });
  await expect(view.children("/no/such" as ByteString)).rejects.toMatchObject({ kind: "corrupted" });
});

test("a snapshot whose directories are stored by other threads has the same trees", async () => {
  await assert(
    asyncProperty(nat({ max: 400 }), nat(), async (items, seed) => {
      const tree = generateTree(new SeededRandom(seed), items);
      const store = await memoryStore(); // one, so that the MACs are under one key
      const there = await build(tree, new SeededRandom(seed + 1), true, store);
      const here = await build(tree, new SeededRandom(seed), false, store);
      expect(there.header.sources).toStrictEqual(here.header.sources);
      for (const [path, { children }] of tree)
        expect((await there.children(path)).map(({ path: at }) => at)).toStrictEqual(
          children.map(({ path: at }) => at),
        );
    }),
    { numRuns: 20 },
  );
});
