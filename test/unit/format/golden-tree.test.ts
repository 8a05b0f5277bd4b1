import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  compareKeys,
  comparePaths,
  decodeEntry,
  decodeSummary,
  decodeXattrEntry,
  encodeDirpackFrame,
  encodeFileInfo,
  fileInfoSlice,
  goMode,
  itemKindOf,
  permissionsOf,
  ResourceType,
  readDirpack,
  type SnapshotHeader,
  type VfsEntry,
  zeroMac,
} from "../../../src/format/index.ts";
import { type ByteString, joinPath } from "../../../src/foundation/index.ts";
import { openGolden } from "../../support/golden-reader.ts";
import { GoldenBlobs, type GoldenItem, goldenItems } from "./golden-tree.ts";
import { hex } from "./samples.ts";

const root = "/srv/golden/tree" as ByteString;
const kinds: Readonly<Record<string, string>> = { dir: "directory", file: "file", symlink: "symlink", fifo: "fifo" };

describe.each([
  ["plain", 0, "tree-1"],
  ["plain", 1, "tree-2"],
  ["sha256", 0, "tree-small"],
] as const)("snapshot %s %i of the Go implementation", (name, place, tree) => {
  const blobs = new GoldenBlobs(openGolden(name));
  const header = blobs.headers[place] as SnapshotHeader;
  const [source] = header.sources;
  const paths = blobs.pairs(ResourceType.vfsBtree, ResourceType.vfsNode, source?.root.root ?? zeroMac);
  const entries = new Map<string, VfsEntry>(
    paths.map(([path, mac]) => [path, decodeEntry(blobs.get(ResourceType.vfsEntry, mac))]),
  );

  it("has the items that were on disk", () => {
    const items = goldenItems(tree);
    expect(entries.size).toBe(items.length + 3); // and what is above the root
    for (const item of items) {
      const path = item.path === "/" ? root : (`${root}${item.path}` as ByteString);
      const entry = entries.get(path);
      expect(entry && describeEntry(entry, blobs)).toStrictEqual(describeItem(item));
    }
  });

  it("has modes that are ours", () => {
    for (const { fileInfo } of entries.values()) {
      expect(goMode(itemKindOf(fileInfo.mode), permissionsOf(fileInfo.mode))).toBe(fileInfo.mode);
    }
  });

  it("has trees in our order", () => {
    const keys = paths.map(([path]) => path);
    expect(keys).toStrictEqual(keys.toSorted(comparePaths));
    for (const index of ["content-type", "dirpack", "summary"]) {
      const names = blobs.index(header, index).map(([key]) => key);
      expect(names).toStrictEqual(names.toSorted(compareKeys));
    }
  });

  it("has directories whose frames are ours, with the entries of the tree", () => {
    const macs = new Map<string, string>(paths.map(([path, mac]) => [path, hex(mac)]));
    let children = 0;
    for (const [directory, object] of blobs.index(header, "dirpack")) {
      const content = blobs.content(object);
      const frames = [...readDirpack(content)];
      const again = frames.map(({ isDirectory, entry, mac }) => encodeDirpackFrame(isDirectory, entry, mac));
      expect(hex(Buffer.concat(again))).toBe(hex(content));
      for (const { isDirectory, entry: bytes, mac } of frames) {
        const { fileInfo, parentPath } = decodeEntry(bytes);
        expect(parentPath).toBe(directory);
        expect(isDirectory).toBe(itemKindOf(fileInfo.mode) === "directory");
        expect(macs.get(joinPath(parentPath, fileInfo.name))).toBe(hex(mac));
        expect(hex(encodeFileInfo(fileInfo))).toBe(hex(fileInfoSlice(bytes)));
        children++;
      }
    }
    expect(children).toBe(paths.length - 1); // the root has no parent
  });

  it("has summaries that add up", () => {
    for (const [directory, mac] of blobs.index(header, "summary")) {
      const { directory: own } = decodeSummary(blobs.get(ResourceType.vfsSummary, mac));
      const below = [...entries].filter(([path, { parentPath }]) => path !== "/" && parentPath === directory);
      const ofKind = (kind: string): number =>
        below.filter(([, { fileInfo }]) => itemKindOf(fileInfo.mode) === kind).length;
      expect(own.children ?? 0).toBe(below.length);
      expect(own.directories ?? 0).toBe(ofKind("directory"));
      expect(own.files ?? 0).toBe(ofKind("file"));
      expect(own.symlinks ?? 0).toBe(ofKind("symlink"));
      expect(own.pipes ?? 0).toBe(ofKind("fifo"));
    }
  });

  it("has the attributes that were set", () => {
    const found: Record<string, string> = {};
    const records = blobs.pairs(ResourceType.xattrBtree, ResourceType.xattrNode, source?.root.xattrs ?? zeroMac);
    for (const [key, mac] of records) {
      const record = decodeXattrEntry(blobs.get(ResourceType.xattrEntry, mac));
      expect(key).toBe(`${record.path}${record.name}:`);
      const value = blobs.content(record.object);
      expect(value.length).toBe(record.size);
      expect(entries.get(record.path)?.extendedAttributes).toContain(record.name);
      found[`${record.path} ${record.name}`] = hex(value);
    }
    const wanted = goldenItems(tree).flatMap(({ path, xattrs }) =>
      Object.entries(xattrs ?? {}).map(([attribute, value]) => [`${root}${path} ${attribute}`, value]),
    );
    expect(found).toStrictEqual(Object.fromEntries(wanted));
  });
});

function describeEntry({ fileInfo, object, symlinkTarget }: VfsEntry, blobs: GoldenBlobs): Record<string, unknown> {
  const kind = itemKindOf(fileInfo.mode);
  const isFile = kind === "file";
  return {
    kind,
    permissions: `0o${permissionsOf(fileInfo.mode).toString(8)}`,
    uid: fileInfo.uid,
    gid: fileInfo.gid,
    target: symlinkTarget,
    size: isFile ? fileInfo.size : undefined,
    nlink: isFile ? fileInfo.nlink : undefined,
    modified: isFile ? fileInfo.modTimeNs : undefined,
    sha256: isFile ? createHash("sha256").update(blobs.content(object)).digest("hex") : undefined,
    hasObject: hex(object) !== hex(zeroMac),
  };
}

function describeItem(item: GoldenItem): Record<string, unknown> {
  return {
    kind: kinds[item.type],
    permissions: item.mode,
    uid: BigInt(item.uid),
    gid: BigInt(item.gid),
    target: item.target,
    size: item.size,
    nlink: item.nlink,
    modified: item.mtime_ns,
    sha256: item.sha256,
    hasObject: item.type === "file",
  };
}
