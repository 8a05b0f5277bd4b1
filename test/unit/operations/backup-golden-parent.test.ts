import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type ByteString, toHex } from "../../../src/foundation/index.ts";
import { BackupCounts } from "../../../src/operations/backup-counts.ts";
import { ParentSnapshot } from "../../../src/operations/backup-parent.ts";
import { scanSource } from "../../../src/operations/backup-scan.ts";
import { BackupSession } from "../../../src/operations/backup-session.ts";
import { rootsBefore } from "../../../src/operations/roots-before.ts";
import type { Repository } from "../../../src/repository/index.ts";
import {
  type BuilderItem,
  type BuiltSource,
  itemOf,
  openSnapshots,
  type SnapshotView,
} from "../../../src/snapshot/index.ts";
import type { Source, SourceDirectory, SourceItem } from "../../../src/source/index.ts";
import { openFsStore } from "../../../src/store/index.ts";
import { archivedFiles, goldenPassphrase } from "../../support/golden-archive.ts";
import { goldenStores } from "../../support/golden-reader.ts";
import { backupOptions, InProcess } from "../../support/in-process.ts";
import { newSnapshotId } from "../repository/memory-repository.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();

async function openGolden(name: string): Promise<Repository> {
  const store = temporary();
  for (const [path, bytes] of archivedFiles(name)) {
    mkdirSync(dirname(join(store, path)), { recursive: true });
    writeFileSync(join(store, path), bytes);
  }
  return new InProcess(openFsStore(store), { passphrase: goldenPassphrase }).loaded();
}

/** The tree of a snapshot as a source that has not changed; the directories above the root are in `above`. */
async function sourceOf(
  view: SnapshotView,
): Promise<{ source: Source; contents: Map<string, BuilderItem["content"]> }> {
  const contents = new Map<string, BuilderItem["content"]>();
  const item = async (path: ByteString): Promise<SourceItem> => {
    const entry = await view.entry(path);
    const { values } = await view.attributesOf(path, entry.extendedAttributes ?? []);
    const { object, contentType, entropy = 0, chunks } = entry;
    if (contentType !== undefined && chunks !== undefined) contents.set(path, { object, contentType, entropy, chunks });
    return itemOf(path, entry, values.length > 0 ? values : undefined);
  };
  const directories: SourceDirectory[] = [];
  const list = async (path: ByteString): Promise<void> => {
    const children: SourceItem[] = [];
    for (const child of await view.children(path)) children.push(await item(child.path));
    directories.push({ item: await item(path), children, failures: [] });
    for (const { path: below, info } of children) if (info.kind === "directory") await list(below);
  };
  await list(view.root);
  const ancestors: SourceItem[] = [];
  for (let path = view.root; path !== "/"; ) {
    path = dirname(path) as ByteString;
    ancestors.unshift(await item(path));
  }
  const importer = view.header.sources[0]?.importer;
  const source: Source = {
    type: importer?.type ?? "",
    origin: importer?.origin ?? "",
    root: view.root,
    paths: [view.root],
    ancestors: async () => ancestors,
    async *walk() {
      yield* directories;
    },
    close: async () => undefined,
  };
  return { source, contents };
}

function rootsOf({ root, indexes, summary }: BuiltSource): unknown {
  return { root: Object.values(root).map(toHex), indexes: indexes.map(({ value }) => toHex(value)), summary };
}

test.each(goldenStores)(
  "what goes on from a snapshot of the Go implementation is what is built of its items (%s)",
  async (name) => {
    const repository = await openGolden(name);
    for (const view of await openSnapshots(repository)) {
      const { source, contents } = await sourceOf(view);
      const options = { ...backupOptions, paths: [], dryRun: true };
      const parent = new ParentSnapshot(repository, view);
      const session = await BackupSession.start(repository, newSnapshotId(), options);
      const counts = new BackupCounts(() => undefined);
      await scanSource({ source, parent, session, counts, options });
      expect(
        counts.report({ snapshot: null, parent: null, root: view.root, bytesAdded: 0, durationMs: 0 }),
      ).toMatchObject({ filesNew: 0, filesChanged: 0, bytesRead: 0 });
      const continued = await session.builder.finish(await rootsBefore(session.builder, session.known, parent));

      const slow = await BackupSession.start(repository, newSnapshotId(), options);
      const ancestors = await source.ancestors();
      const withContent = (item: SourceItem): BuilderItem =>
        ({ ...item, content: contents.get(item.path) }) as BuilderItem;
      let top = true;
      for await (const directory of source.walk()) {
        const chain = [...ancestors, directory.item];
        if (top) slow.builder.root(chain[0] as SourceItem);
        for (const [at, { path }] of ancestors.entries())
          if (top) await slow.builder.directory(path, [chain[at + 1] as SourceItem], []);
        top = false;
        await slow.builder.directory(directory.item.path, directory.children.map(withContent), []);
      }
      expect(rootsOf(continued)).toStrictEqual(rootsOf(await slow.builder.finish()));
      await session.close();
      await slow.close();
    }
  },
);
