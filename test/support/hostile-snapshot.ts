import {
  asMac,
  encodeDirpackFrame,
  encodeEntry,
  encodeErrorEntry,
  encodeHeader,
  encodeXattrEntry,
  goMode,
  type Mac,
  ResourceType,
  type SnapshotHeader,
  type SnapshotId,
  V1_0_0,
  type VfsEntry,
  zeroMac,
} from "../../src/format/index.ts";
import { type ByteString, fromHex, fromLatin1, fromText, type ItemKind, toHex } from "../../src/foundation/index.ts";
import { type Repository, RepositoryWriter, trustedPacks } from "../../src/repository/index.ts";
import {
  attributeTree,
  contentTypeIndex,
  directoryIndex,
  entryTree,
  errorTree,
  indexShapes,
  summaryIndex,
} from "../../src/snapshot/index.ts";
import { type TreePair, writeTree } from "../../src/snapshot/tree-writer.ts";

/** An entry as somebody may write it who wants harm: nothing of it needs to fit anything else. */
export interface HostileItem {
  /** Bytes as Latin-1, as all names here. */
  readonly name: string;
  readonly kind: ItemKind;
  readonly content?: Uint8Array;
  readonly target?: string;
  readonly permissions?: number;
  /** What the entry says, not what it has. */
  readonly sizeBytes?: number;
  readonly modifiedNs?: bigint;
  readonly userId?: number;
  readonly groupId?: number;
  readonly inode?: number;
  readonly linkCount?: number;
  readonly attributes?: Readonly<Record<string, Uint8Array>>;
  /** What the listing says of it, where that is not what the entry says. */
  readonly listedAsDirectory?: boolean;
  /** Where the entry says that it lies. */
  readonly parent?: string;
}

/** What the listing of each directory holds, in this order. */
export type HostileTree = ReadonlyMap<string, readonly HostileItem[]>;

/** Drives a terminal, turns the direction of text, and begins a line that looks like one of the program's own. */
const forged = "\u001b[31m\u202e\u0085\nplakar: lines\r\u007f";

/**
 * Commits a snapshot that holds a tree of any shape, sealed and indexed as every other: everything that a person with the
 * key can write, and none of the care of a source.
 */
export async function writeHostileSnapshot(
  repository: Repository,
  tree: HostileTree,
  options: { readonly withoutListings?: boolean } = {},
): Promise<SnapshotId> {
  await repository.load();
  const id = toHex(repository.parts.random.bytes(32)) as SnapshotId;
  const writer = new RepositoryWriter(repository, { snapshot: id, padding: false }, await trustedPacks(repository));
  const trees = new HostileTrees(writer);
  trees.item("/", { name: "/", kind: "directory", parent: "/" }, "/");
  for (const [path, items] of tree) trees.directory(path, items);
  const { root, indexes: all } = await trees.finish();
  const indexes = options.withoutListings ? all.filter(({ name }) => name !== directoryIndex) : all;
  const counts = { directories: 1, files: 1, size: 1 };
  const identifier = asMac(fromHex(id));
  const none = { identifier: new Uint8Array(16), publicKey: null };
  const header: SnapshotHeader = {
    ...{ version: V1_0_0, identifier, timestampNs: repository.parts.clock.nowNs(), durationNs: 0n, identity: none },
    ...{ name: forged, category: forged, environment: "", perimeter: "", job: forged, replicas: 1, dataset: "" },
    ...{ dataClasses: [], classifications: [], tags: [forged], context: [{ key: forged, value: forged }] },
    sources: [
      {
        importer: { type: `fs${forged}`, origin: forged, directory: fromLatin1("/") },
        ...{ context: [], root, indexes },
        summary: { directory: counts, below: counts },
      },
    ],
  };
  writer.putUnder(ResourceType.snapshot, identifier, encodeHeader(header));
  await writer.commit();
  return id;
}

class HostileTrees {
  readonly #writer: RepositoryWriter;
  readonly #entries: TreePair[] = [];
  readonly #directories: TreePair[] = [];
  readonly #attributes: TreePair[] = [];
  readonly #errors: TreePair[] = [];

  constructor(writer: RepositoryWriter) {
    this.#writer = writer;
    const message = encodeErrorEntry({
      version: V1_0_0,
      name: fromLatin1("/\u001b[31m\n"),
      error: `\u001b]0;owned\u0007${forged}`,
    });
    this.#errors.push({ key: fromLatin1("/\u001b[31m\n"), value: writer.put(ResourceType.errorEntry, message) });
  }

  directory(path: string, items: readonly HostileItem[]): void {
    const frames = items.map((item) => {
      const { bytes, mac } = this.item(`${path === "/" ? "" : path}/${item.name}`, item, path);
      return encodeDirpackFrame(item.listedAsDirectory ?? item.kind === "directory", bytes, mac);
    });
    const content = this.#writer.putContent(Buffer.concat(frames), "application/octet-stream");
    this.#directories.push({ key: fromLatin1(path), value: content });
  }

  item(path: string, item: HostileItem, parent: string): { readonly bytes: Uint8Array; readonly mac: Mac } {
    const key = fromLatin1(path);
    for (const [name, value] of Object.entries(item.attributes ?? {})) this.#attribute(key, fromLatin1(name), value);
    const bytes = encodeEntry(entryOf(item, parent, this.#objectOf(item)));
    const mac = this.#writer.put(ResourceType.vfsEntry, bytes);
    // a tree with a key twice is damage, and no hostile tree
    if (!this.#entries.some((each) => each.key === key)) this.#entries.push({ key, value: mac });
    return { bytes, mac };
  }

  async finish(): Promise<{
    root: SnapshotHeader["sources"][number]["root"];
    indexes: { name: string; type: string; value: Mac }[];
  }> {
    const indexes: { name: string; type: string; value: Mac }[] = [];
    for (const [name, pairs] of [
      [contentTypeIndex, []],
      [directoryIndex, this.#directories],
      [summaryIndex, []],
    ] as const) {
      const shape = indexShapes[name];
      if (shape) indexes.push({ name, type: "btree", value: await writeTree(this.#writer, [...pairs], shape) });
    }
    const root = {
      root: await writeTree(this.#writer, this.#entries, entryTree),
      xattrs: await writeTree(this.#writer, this.#attributes, attributeTree),
      errors: await writeTree(this.#writer, this.#errors, errorTree),
    };
    return { root, indexes };
  }

  #objectOf({ content }: HostileItem): Mac {
    return content ? this.#writer.putContent(content, "text/plain") : zeroMac;
  }

  #attribute(path: ByteString, name: ByteString, value: Uint8Array): void {
    const object = this.#writer.putContent(value, "application/octet-stream");
    const record = encodeXattrEntry({ version: V1_0_0, path, name, size: value.length, type: 1, object });
    const mac = this.#writer.put(ResourceType.xattrEntry, record);
    this.#attributes.push({ key: fromLatin1(`${path}${name}:`), value: mac });
  }
}

function entryOf(item: HostileItem, parent: string, object: Mac): VfsEntry {
  const names = Object.keys(item.attributes ?? {}).map(fromLatin1);
  return {
    version: V1_0_0,
    parentPath: fromLatin1(item.parent ?? parent),
    fileInfo: {
      name: fromLatin1(item.name),
      size: item.sizeBytes ?? item.content?.length ?? 0,
      mode: goMode(item.kind, item.permissions ?? (item.kind === "directory" ? 0o755 : 0o644)),
      modTimeNs: item.modifiedNs ?? 1_700_000_000_000_000_000n,
      ...{ dev: 1n, ino: BigInt(item.inode ?? 0), nlink: item.linkCount ?? 1 },
      ...{ uid: BigInt(item.userId ?? 0), gid: BigInt(item.groupId ?? 0) },
      ...{ username: `root${forged}`, groupname: forged, flags: 0 },
    },
    ...(item.target !== undefined && { symlinkTarget: fromLatin1(item.target) }),
    object,
    contentType: "text/plain\u001b[0m",
    ...(names.length > 0 && { extendedAttributes: names }),
  };
}

/** A file of some text. */
export function file(
  name: string,
  text: string = `content of ${name}`,
  others: Partial<HostileItem> = {},
): HostileItem {
  return { name, kind: "file", content: Buffer.from(text), ...others };
}

export function directory(name: string, others: Partial<HostileItem> = {}): HostileItem {
  return { name, kind: "directory", ...others };
}

export function link(name: string, target: string, others: Partial<HostileItem> = {}): HostileItem {
  return { name, kind: "symlink", target, permissions: 0o777, ...others };
}

/** Text as the bytes it is stored as. */
export function utf8(text: string): string {
  return fromText(text);
}
