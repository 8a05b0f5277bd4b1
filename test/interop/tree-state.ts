import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type ByteString, fromBytes, fromLatin1, joinPath, toFsPath } from "../../src/foundation/index.ts";
import { getExtendedAttribute, listExtendedAttributes } from "../../src/system/index.ts";

/** What lies at one path, in the words of the file system. */
export interface ItemState {
  readonly kind: "file" | "directory" | "symlink" | "fifo" | "other";
  /** With set-id and sticky bits. */
  readonly permissions: number;
  readonly owner: string;
  readonly modifiedNs: bigint;
  readonly sizeBytes: number | null;
  readonly contentSha256: string | null;
  readonly symlinkTarget: ByteString | null;
  /** `user.` only: others need rights that a test may lack. */
  readonly attributes: string;
  /** The first path of the same inode, where there is more than one. */
  readonly linkedTo: string | null;
}

/** By path below the root ("" is the root itself), in the order of directories. */
export type TreeState = ReadonlyMap<ByteString, ItemState>;

const ROOT = fromLatin1("");

/** Reads everything that a backup should save. */
export function readTree(root: ByteString): TreeState {
  const state = new Map<ByteString, ItemState>();
  const firstPaths = new Map<bigint, ByteString>();
  const visit = (below: ByteString): void => {
    const path = below === ROOT ? root : joinPath(root, below);
    const item = readItem(path, below, firstPaths);
    state.set(below, item);
    if (item.kind !== "directory") return;
    for (const name of readdirSync(toFsPath(path), { encoding: "latin1" }).toSorted()) {
      visit(below === ROOT ? fromLatin1(name) : joinPath(below, fromLatin1(name)));
    }
  };
  visit(ROOT);
  return state;
}

function readItem(path: ByteString, below: ByteString, firstPaths: Map<bigint, ByteString>): ItemState {
  const stats = lstatSync(toFsPath(path), { bigint: true });
  const kind = kindOf(stats);
  const content = kind === "file" ? readFileSync(toFsPath(path)) : null;
  let linkedTo: string | null = null;
  if (kind === "file" && stats.nlink > 1n) {
    linkedTo = firstPaths.get(stats.ino) ?? below;
    firstPaths.set(stats.ino, fromLatin1(linkedTo));
  }
  return {
    kind,
    permissions: Number(stats.mode & 0o7777n),
    owner: `${stats.uid}:${stats.gid}`,
    modifiedNs: stats.mtimeNs,
    sizeBytes: content?.length ?? null,
    contentSha256: content === null ? null : sha256(content),
    symlinkTarget: kind === "symlink" ? fromBytes(readlinkSync(toFsPath(path), { encoding: "buffer" })) : null,
    attributes: kind === "file" || kind === "directory" ? readAttributes(path) : "",
    linkedTo,
  };
}

function kindOf(stats: ReturnType<typeof lstatSync>): ItemState["kind"] {
  if (stats === undefined) return "other";
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  return stats.isFIFO() ? "fifo" : "other";
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function readAttributes(path: ByteString): string {
  const own = listExtendedAttributes(path).filter((name) => name.startsWith("user."));
  const shown = own.map((name) => {
    const value = getExtendedAttribute(path, name);
    // a long one is only compared, not shown
    return `${name}=${value.length > 20 ? sha256(value) : Buffer.from(value).toString("latin1")}`;
  });
  return shown.join(" ");
}

export interface Tolerance {
  /** Fields that the restoring program is known not to give back, for an item. */
  readonly ignored?: (path: ByteString, item: ItemState) => readonly (keyof ItemState)[];
  /** Items that it is known not to give back at all. */
  readonly mayBeMissing?: (path: ByteString, item: ItemState) => boolean;
  /** Times may differ by less than this; 1 unless given. */
  readonly timeStepNs?: bigint;
}

/** One line for each difference; empty when the trees are equal. */
export function differences(expected: TreeState, actual: TreeState, tolerance: Tolerance = {}): readonly string[] {
  const found: string[] = [];
  for (const [path, item] of expected) {
    const other = actual.get(path);
    if (other === undefined) {
      if (tolerance.mayBeMissing?.(path, item) !== true) found.push(`${path || "the root"} is missing`);
      continue;
    }
    const ignored = tolerance.ignored?.(path, item) ?? [];
    found.push(...differentFields(path, item, other, { ignored, timeStepNs: tolerance.timeStepNs ?? 1n }));
  }
  for (const path of actual.keys()) if (!expected.has(path)) found.push(`${path} should not be there`);
  return found;
}

function differentFields(
  path: ByteString,
  expected: ItemState,
  actual: ItemState,
  { ignored, timeStepNs }: { ignored: readonly (keyof ItemState)[]; timeStepNs: bigint },
): readonly string[] {
  const found: string[] = [];
  for (const field of Object.keys(expected) as (keyof ItemState)[]) {
    if (ignored.includes(field)) continue;
    const [before, after] = [expected[field], actual[field]];
    if (field === "modifiedNs") {
      const apartNs = actual.modifiedNs - expected.modifiedNs;
      if (apartNs < timeStepNs && -apartNs < timeStepNs) continue;
    }
    if (before !== after)
      found.push(`${path || "the root"}: ${field} is ${String(after)} instead of ${String(before)}`);
  }
  return found;
}
