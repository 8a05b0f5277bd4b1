import {
  encodeDirpackFrame,
  encodeEntry,
  encodeErrorEntry,
  encodeSummary,
  encodeXattrEntry,
  type FileInfo,
  goMode,
  type Mac,
  ResourceType,
  V1_0_0,
  type VfsEntry,
  zeroMac,
} from "../format/index.ts";
import {
  type ByteString,
  baseName,
  type ExtendedAttribute,
  fromText,
  type ItemInfo,
  parentPath,
} from "../foundation/index.ts";
import type { RepositoryWriter } from "../repository/index.ts";
import type { BuilderItem } from "./item.ts";
import {
  attributeTree,
  contentTypeIndex,
  directoryIndex,
  entryTree,
  errorTree,
  indexShapes,
  summaryIndex,
} from "./shapes.ts";
import { SummaryTree } from "./summary.ts";
import { type TreePair, writeTree } from "./tree-writer.ts";

export interface BuiltSource {
  readonly root: { readonly root: Mac; readonly xattrs: Mac; readonly errors: Mac };
  readonly indexes: { readonly name: string; readonly type: string; readonly value: Mac }[];
  readonly summary: ReturnType<SummaryTree["of"]>;
  /** MAC of the entry of every path, and of every directory's listing: for comparing with another snapshot. */
  readonly entries: readonly TreePair[];
  readonly directories: readonly TreePair[];
}

/** What the Go implementation writes for everything that has no content of its own. */
const NOT_REGULAR = "application/x-not-regular-file";
const DIRPACK_TYPE = "application/octet-stream";
const XATTR_EXTENDED = 1;

/**
 * Builds a snapshot's trees while the walk goes on: directories are handed in, in any order, each once its children are
 * known; `finish` writes the trees. Entries are encoded exactly as the Go implementation does (I-08).
 */
export class SnapshotBuilder {
  readonly #writer: RepositoryWriter;
  readonly #entries: TreePair[] = [];
  readonly #attributes: TreePair[] = [];
  readonly #errors: TreePair[] = [];
  readonly #contentTypes: TreePair[] = [];
  readonly #directories: TreePair[] = [];
  readonly #summaries = new SummaryTree();

  constructor(writer: RepositoryWriter) {
    this.#writer = writer;
  }

  /** `/`, which has no parent that could carry it. */
  root(item: BuilderItem): void {
    this.#entry(item);
  }

  /** A directory's children, sorted by name, and what failed in it. */
  directory(
    path: ByteString,
    children: readonly BuilderItem[],
    failures: readonly { path: ByteString; message: string }[],
  ): void {
    const frames: Uint8Array[] = [];
    for (const child of children) {
      const { bytes, mac } = this.#entry(child);
      frames.push(encodeDirpackFrame(child.info.kind === "directory", bytes, mac));
    }
    // One record a path: attributes and content of a file may both have failed.
    const messages = new Map<ByteString, string>();
    for (const failure of failures) {
      const before = messages.get(failure.path);
      messages.set(failure.path, before === undefined ? failure.message : `${before}; ${failure.message}`);
    }
    for (const [failed, message] of messages) this.#error(failed, message);
    this.#directories.push({ key: path, value: this.#writer.putContent(Buffer.concat(frames), DIRPACK_TYPE) });
    this.#summaries.add(path, children, failures.length);
  }

  /** Writes all trees; answers what the header refers to. */
  async finish(): Promise<BuiltSource> {
    const summaries: TreePair[] = [];
    for (const [path, summary] of this.#summaries.settle()) {
      summaries.push({ key: path, value: this.#writer.put(ResourceType.vfsSummary, encodeSummary(summary)) });
    }
    const root = await writeTree(this.#writer, this.#entries, entryTree);
    const xattrs = await writeTree(this.#writer, this.#attributes, attributeTree);
    const errors = await writeTree(this.#writer, this.#errors, errorTree);
    const indexes: BuiltSource["indexes"] = [];
    for (const [name, pairs] of [
      [contentTypeIndex, this.#contentTypes],
      [directoryIndex, this.#directories],
      [summaryIndex, summaries],
    ] as const) {
      const shape = indexShapes[name];
      if (shape) indexes.push({ name, type: "btree", value: await writeTree(this.#writer, pairs, shape) });
    }
    return {
      root: { root, xattrs, errors },
      indexes,
      summary: this.#summaries.of("/" as ByteString),
      entries: this.#entries,
      directories: this.#directories,
    };
  }

  #entry(item: BuilderItem): { bytes: Uint8Array; mac: Mac } {
    for (const attribute of item.extendedAttributes ?? []) this.#attribute(item.path, attribute);
    const entry = entryOf(item);
    const bytes = encodeEntry(entry);
    const mac = this.#writer.put(ResourceType.vfsEntry, bytes);
    this.#entries.push({ key: item.path, value: mac });
    if (item.info.kind !== "directory") {
      const mime = fromText((entry.contentType ?? "").split(";", 1)[0] as string);
      this.#contentTypes.push({ key: `/${mime}${item.path}` as ByteString, value: mac });
    }
    return { bytes, mac };
  }

  #attribute(path: ByteString, { name, value }: ExtendedAttribute): void {
    const object = this.#writer.putContent(value, DIRPACK_TYPE);
    const record = encodeXattrEntry({ version: V1_0_0, path, name, size: value.length, type: XATTR_EXTENDED, object });
    this.#attributes.push({
      key: `${path}${name}:` as ByteString,
      value: this.#writer.put(ResourceType.xattrEntry, record),
    });
  }

  #error(path: ByteString, message: string): void {
    const record = encodeErrorEntry({ version: V1_0_0, name: path, error: message });
    this.#errors.push({ key: path, value: this.#writer.put(ResourceType.errorEntry, record) });
  }
}

/** The twelve fields that decide, here and in the Go implementation, whether a file is unchanged. */
export function fileInfoOf(path: ByteString, info: ItemInfo): FileInfo {
  return {
    name: path === "/" ? path : baseName(path),
    size: info.sizeBytes,
    mode: goMode(info.kind, info.permissions),
    modTimeNs: info.modifiedNs,
    dev: info.device,
    ino: info.inode,
    uid: BigInt(info.userId),
    gid: BigInt(info.groupId),
    nlink: info.linkCount & 0xffff,
    username: info.userName,
    groupname: info.groupName,
    flags: 0,
  };
}

/** Which fields are present or absent is as binding as their bytes: format-gaps section 7. */
export function entryOf(item: BuilderItem): VfsEntry {
  const { path, info, content } = item;
  const names = (item.extendedAttributes ?? []).map(({ name }) => name);
  return {
    version: V1_0_0,
    parentPath: parentPath(path),
    fileInfo: fileInfoOf(path, info),
    ...(item.symlinkTarget !== undefined && { symlinkTarget: item.symlinkTarget }),
    object: content?.object ?? zeroMac,
    ...(content && { contentType: content.contentType }),
    ...(!content && info.kind !== "directory" && { contentType: NOT_REGULAR }),
    ...(content && content.entropy !== 0 && { entropy: content.entropy }),
    ...(content && content.chunks !== 0 && { chunks: content.chunks }),
    ...(names.length > 0 && { extendedAttributes: names }),
  };
}
