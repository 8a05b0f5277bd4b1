import { readFileSync, writeFileSync } from "node:fs";
import { type FsDestination, openFsDestination, type RestoreItem } from "../../../src/destination/index.ts";
import { type ByteString, fromText, type ItemInfo, type ItemKind, toFsPath } from "../../../src/foundation/index.ts";
import { openFsSource, type SourceItem } from "../../../src/source/index.ts";

const plain: Omit<ItemInfo, "kind" | "name"> = {
  sizeBytes: 0,
  permissions: 0o644,
  modifiedNs: 1_700_000_000_000_000_001n,
  device: 1n,
  inode: 1n,
  userId: process.geteuid?.() ?? 0,
  groupId: process.getegid?.() ?? 0,
  linkCount: 1,
  userName: "",
  groupName: "",
};

/** An item to restore with ordinary metadata. */
export function anItem(path: string, kind: ItemKind = "file", info: Partial<ItemInfo> = {}): RestoreItem {
  const name = fromText(path.slice(path.lastIndexOf("/") + 1));
  const permissions = kind === "directory" ? 0o755 : 0o644;
  return { path: fromText(path), info: { ...plain, kind, name, permissions, ...info } };
}

/** Restores a whole file. */
export async function restoreFile(destination: FsDestination, item: RestoreItem, content = "restored"): Promise<void> {
  const { fsPath } = await destination.beginFile(item);
  writeFileSync(fsPath, content, { flag: "r+" });
  await destination.finishFile(item);
}

export async function prepared(directory: string, options: { skipPermissions?: boolean } = {}): Promise<FsDestination> {
  const destination = openFsDestination({ directory, ...options });
  await destination.prepare();
  return destination;
}

/** Copies what is below `from` into `to` by a source and a destination, as a backup and a restore would. */
export async function copyTree(from: string, to: string): Promise<void> {
  const source = await openFsSource({ paths: [from], hostName: "host" });
  const destination = await prepared(to);
  const directories: RestoreItem[] = [];
  const links = new Map<bigint, ByteString>();
  for await (const { item, children } of source.walk()) {
    const directory = below(source.root, item);
    directories.unshift(directory);
    await destination.createDirectory(directory);
    for (const child of children) await restoreChild(destination, below(source.root, child), child.path, links);
  }
  for (const directory of directories) await destination.finishDirectory(directory);
  await destination.close();
  await source.close();
}

function below(root: ByteString, item: SourceItem): RestoreItem {
  return { ...item, path: item.path.slice(root.length + 1) as ByteString };
}

async function restoreChild(
  destination: FsDestination,
  item: RestoreItem,
  original: ByteString,
  links: Map<bigint, ByteString>,
): Promise<void> {
  const { kind, inode, linkCount } = item.info;
  if (kind === "symlink") await destination.createSymlink(item);
  else if (kind === "fifo") await destination.createSpecial(item);
  else if (kind === "file") {
    const existing = linkCount > 1 ? links.get(inode) : undefined;
    if (existing !== undefined) return await destination.createHardLink(item, existing);
    links.set(inode, item.path);
    const { fsPath } = await destination.beginFile(item);
    writeFileSync(fsPath, readFileSync(toFsPath(original)), { flag: "r+" });
    await destination.finishFile(item);
  }
}
