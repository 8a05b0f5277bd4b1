import {
  type ByteString,
  DEVICE_ATTRIBUTE,
  type ExtendedAttribute,
  type ItemInfo,
  type ItemKind,
  joinPath,
  toText,
} from "../../foundation/index.ts";
import type { SourceDirectory, SourceFailure, SourceItem } from "../contract.ts";
import type { TarEntry } from "./tar-entries.ts";

const kinds: Readonly<Record<string, ItemKind>> = {
  "0": "file",
  "7": "file", // contiguous, which today means nothing
  "1": "file", // another name of a file
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};

const ROOT = "/" as ByteString;
const DIRECTORY_MODE = 0o755;

interface Node {
  item: SourceItem;
  readonly children: Map<ByteString, Node>;
}

/** The tree that an archive describes, while its entries come; a later entry of a name takes the place of an earlier one. */
export class TarTree {
  readonly #root: Node;
  readonly #failures: Map<ByteString, SourceFailure[]> = new Map();
  readonly #unknownTimeNs: bigint;
  #entries = 0;

  /** `modifiedNs`: of directories that the archive does not describe. */
  constructor(modifiedNs: bigint) {
    this.#unknownTimeNs = modifiedNs;
    this.#root = { item: this.#assumedDirectory(ROOT), children: new Map() };
  }

  /** Takes an entry in; answers under which key its content is expected, undefined when it has none that is kept. */
  add(entry: TarEntry): { readonly key: string; readonly path: ByteString } | undefined {
    const parts = entry.name.split("/").filter((part) => part !== "" && part !== ".") as ByteString[];
    const path = `/${parts.join("/")}` as ByteString;
    const kind = kinds[entry.type];
    if (parts.includes(".." as ByteString)) return this.#fail(ROOT, path, "its name leads out of the archive");
    const parent = this.#directory(parts.slice(0, -1));
    if (!parent) return this.#fail(ROOT, path, "something that is no directory is above it");
    if (kind === undefined)
      return this.#fail(parent.item.path, path, `it is of a kind that is not known (${entry.type})`);
    if (entry.lacking !== undefined) this.#fail(parent.item.path, path, entry.lacking);
    if (entry.type === "1") return this.#link(parent, path, entry);
    return this.#place(parent, path, kind, entry);
  }

  /** The archive has no mark at its end: what came last may not have been the last. */
  hasNoEnd(): void {
    this.#fail(ROOT, ROOT, "the archive has no mark at its end: it may have been cut off");
  }

  /** The directories, `/` first, each before what is below it. */
  *walk(): Generator<SourceDirectory> {
    const pending = [this.#root];
    for (let node = pending.pop(); node; node = pending.pop()) {
      const children = [...node.children.values()].toSorted((a, b) => (a.item.info.name < b.item.info.name ? -1 : 1));
      const failures = this.#failures.get(node.item.path) ?? [];
      yield { item: node.item, children: children.map(({ item }) => item), failures };
      for (const child of children.toReversed()) if (child.item.info.kind === "directory") pending.push(child);
    }
  }

  #place(
    parent: Node,
    path: ByteString,
    kind: ItemKind,
    entry: TarEntry,
  ): { key: string; path: ByteString } | undefined {
    const extendedAttributes = attributesOf(kind, entry);
    const key = String(++this.#entries);
    const info = infoOf(path, kind, entry, BigInt(this.#entries));
    const item: SourceItem = {
      path,
      info,
      ...(kind === "symlink" && { symlinkTarget: entry.linkName }),
      ...(extendedAttributes.length > 0 && { extendedAttributes }),
      ...(kind === "file" && { contentKey: key }),
    };
    if (path === ROOT) {
      if (kind === "directory") this.#root.item = item;
      return undefined;
    }
    const before = parent.children.get(info.name);
    if (before && kind === "directory" && before.item.info.kind === "directory") before.item = item;
    else parent.children.set(info.name, { item, children: new Map() });
    return kind === "file" ? { key, path } : undefined;
  }

  /** Another name of what came before: the same item, which now has one name more. */
  #link(parent: Node, path: ByteString, entry: TarEntry): undefined {
    const parts = entry.linkName.split("/").filter((part) => part !== "" && part !== ".") as ByteString[];
    let target: Node | undefined = this.#root;
    for (const part of parts) target = target?.children.get(part);
    if (!target || target.item.info.kind === "directory") {
      return this.#fail(parent.item.path, path, "what it is a link to is not in the archive before it");
    }
    const { item } = target;
    target.item = { ...item, info: { ...item.info, linkCount: item.info.linkCount + 1 } };
    const name = path.slice(path.lastIndexOf("/") + 1) as ByteString;
    const info: ItemInfo = { ...target.item.info, name };
    parent.children.set(name, { item: { ...item, path, info }, children: new Map() });
    return undefined;
  }

  /** The node of a directory, made where no entry has described it yet; undefined when something else is there. */
  #directory(parts: readonly ByteString[]): Node | undefined {
    let node = this.#root;
    for (const name of parts) {
      let next = node.children.get(name);
      if (!next) {
        next = { item: this.#assumedDirectory(joinPath(node.item.path, name)), children: new Map() };
        node.children.set(name, next);
      }
      if (next.item.info.kind !== "directory") return undefined;
      node = next;
    }
    return node;
  }

  #assumedDirectory(path: ByteString): SourceItem {
    const name = (path === ROOT ? path : path.slice(path.lastIndexOf("/") + 1)) as ByteString;
    const info: ItemInfo = {
      kind: "directory",
      name,
      sizeBytes: 0,
      permissions: DIRECTORY_MODE,
      modifiedNs: this.#unknownTimeNs,
      device: 0n,
      inode: 0n,
      userId: 0,
      groupId: 0,
      linkCount: 1,
      userName: "",
      groupName: "",
    };
    return { path, info };
  }

  #fail(directory: ByteString, path: ByteString, message: string): undefined {
    const failures = this.#failures.get(directory) ?? [];
    failures.push({ path, message });
    this.#failures.set(directory, failures);
  }
}

function infoOf(path: ByteString, kind: ItemKind, entry: TarEntry, inode: bigint): ItemInfo {
  return {
    kind,
    name: (path === ROOT ? path : path.slice(path.lastIndexOf("/") + 1)) as ByteString,
    sizeBytes: kind === "file" ? entry.sizeBytes : 0,
    permissions: entry.permissions,
    modifiedNs: entry.modifiedNs,
    device: 0n,
    inode,
    userId: entry.userId,
    groupId: entry.groupId,
    linkCount: 1,
    userName: toText(entry.userName) ?? "",
    groupName: toText(entry.groupName) ?? "",
  };
}

function attributesOf(kind: ItemKind, entry: TarEntry): readonly ExtendedAttribute[] {
  if (kind !== "character-device" && kind !== "block-device") return entry.attributes;
  const value = Buffer.from(`${entry.deviceMajor}:${entry.deviceMinor}`);
  return [...entry.attributes, { name: DEVICE_ATTRIBUTE, value }].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
