import { asMac, decodeXattrEntry, type Mac, type PackIndexEntry, ResourceType } from "../../../src/format/index.ts";
import { type ByteString, FakeClock, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { openRepository, type Repository, readPackIndex } from "../../../src/repository/index.ts";
import { directoryIndex, itemOf, type SnapshotView, summaryIndex } from "../../../src/snapshot/index.ts";
import type { Store } from "../../../src/store/contract.ts";
import type { SampleStore } from "./sample-stores.ts";
import {
  allSnapshots,
  type Contents,
  catFile,
  directoryLines,
  readSnapshot,
  snapshotLines,
} from "./snapshot-contents.ts";
import { storeOf } from "./store-image.ts";

/** What a snapshot needs a blob for. Without a path it is the snapshot itself: its header, its trees. */
export interface Need {
  readonly snapshot: string;
  readonly path?: ByteString;
}

/** Where a blob lies, and what it holds. */
export interface KnownBlob {
  readonly pack: string;
  readonly key: string;
  readonly type: number;
  readonly sealed: Uint8Array;
  readonly offset: number;
  readonly plain: Uint8Array;
}

/** All that a sound store says, to compare with what a damaged one does. */
export interface Knowledge {
  readonly sample: SampleStore;
  readonly repository: Repository;
  readonly packs: ReadonlyMap<string, Uint8Array>;
  readonly blobs: readonly KnownBlob[];
  readonly needs: ReadonlyMap<string, readonly Need[]>;
  readonly snapshots: ReadonlyMap<string, string>;
  readonly directories: ReadonlyMap<string, readonly string[]>;
  readonly contents: ReadonlyMap<string, Contents>;
  /** Of each snapshot, what `cat` writes of its files. */
  readonly files: ReadonlyMap<string, ReadonlyMap<ByteString, string>>;
}

/** Opens a store as the command line does, but for the cache. */
export function openSample(
  { passphrase }: SampleStore,
  store: Store,
  onDamage: (message: string) => void = fail,
): Promise<Repository> {
  return openRepository({
    store,
    passphrase: async () => Buffer.from(passphrase ?? ""),
    clock: new FakeClock(),
    random: new SeededRandom(9),
    hostName: "test",
    cacheDirectory: undefined,
    onWarning: () => undefined,
    onDamage: ({ message }) => onDamage(message),
  });
}

function fail(what: unknown): never {
  throw new Error(`a sound store has damage: ${String(what)}`);
}

/** Reads a sound store as a whole. */
export async function learn(sample: SampleStore): Promise<Knowledge> {
  const repository = await openSample(sample, storeOf(sample.image));
  const views = await allSnapshots(repository);
  const directories = new Map<string, string[]>();
  const contents = new Map<string, Contents>();
  const files = new Map<string, Map<ByteString, string>>();
  const needs = new Map<string, Need[]>();
  for (const view of views) {
    directories.set(view.id, await directoryLines(repository, view.id));
    const read = await readSnapshot(view, (_, error) => fail(error));
    contents.set(view.id, read);
    const ofFiles = new Map<ByteString, string>();
    for (const [path, line] of read)
      if (line.startsWith("file ")) ofFiles.set(path, await catFile(repository, view.id, path));
    files.set(view.id, ofFiles);
    await collectNeeds(repository, view, (type, mac, need) => {
      const key = keyOf(type, mac);
      needs.set(key, [...(needs.get(key) ?? []), { snapshot: view.id, ...need }]);
    });
  }
  const packs = new Map<string, Uint8Array>();
  const blobs: KnownBlob[] = [];
  for (const pack of repository.state.packIds) {
    const bytes = await repository.store.get("packfiles", pack);
    packs.set(pack, bytes);
    for (const entry of await readPackIndex(repository, pack)) {
      if (entry.type !== ResourceType.padding) blobs.push(knownBlob(repository, pack, bytes, entry));
    }
  }
  const snapshots = await snapshotLines(repository);
  return { sample, repository, packs, blobs, needs, snapshots, directories, contents, files };
}

function knownBlob(
  { sealer }: Repository,
  pack: string,
  bytes: Uint8Array,
  { type, mac, offset, length }: PackIndexEntry,
): KnownBlob {
  const sealed = bytes.slice(16 + offset, 16 + offset + length);
  const plain = sealer.open(sealed, { maxBytes: 1 << 24, what: "a blob" });
  return { pack, key: keyOf(type, mac), type, sealed, offset: 16 + offset, plain };
}

function keyOf(type: number, mac: Uint8Array): string {
  return `${type}:${toHex(mac)}`;
}

type Collect = (type: ResourceType, mac: Mac, need?: { readonly path: ByteString }) => void;

/** Every blob of a snapshot with what it is needed for. */
async function collectNeeds({ reader }: Repository, view: SnapshotView, collect: Collect): Promise<void> {
  collect(ResourceType.snapshot, asMac(Buffer.from(view.id, "hex")));
  const trees = [view.entries, view.attributes, view.errors, ...view.indexes.values()];
  for (const tree of trees) for await (const { type, mac } of tree.nodes()) collect(type, mac);
  const content = async (mac: Mac, path: ByteString): Promise<void> => {
    collect(ResourceType.object, mac, { path });
    for (const chunk of (await view.object(mac, path)).chunks) collect(ResourceType.chunk, chunk.mac, { path });
  };
  for await (const { key: path, value } of view.entries.scan()) {
    collect(ResourceType.vfsEntry, value, { path });
    const entry = await view.entry(path);
    if (itemOf(path, entry).info.kind === "file") await content(entry.object, path);
  }
  for await (const { key, value } of view.indexes.get(directoryIndex)?.scan() ?? []) await content(value, key);
  for await (const { value } of view.indexes.get(summaryIndex)?.scan() ?? []) collect(ResourceType.vfsSummary, value);
  for await (const { value } of view.errors.scan()) collect(ResourceType.errorEntry, value);
  for await (const { value } of view.attributes.scan()) {
    const { path, object } = decodeXattrEntry(await reader.read(ResourceType.xattrEntry, value, "an attribute"));
    collect(ResourceType.xattrEntry, value);
    await content(object, path);
  }
}
