import {
  type DirpackFrame,
  decodeEntry,
  itemKindOf,
  type Mac,
  ResourceType,
  readDirpack,
  type VfsEntry,
} from "../format/index.ts";
import {
  type ByteString,
  corrupted,
  isPlakarError,
  joinPath,
  type PlakarError,
  toDisplay,
} from "../foundation/index.ts";
import type { BlobReader } from "../repository/index.ts";
import type { Btree } from "./btree.ts";

/** A child of a directory as the snapshot has it. */
export interface Child {
  readonly path: ByteString;
  readonly entry: VfsEntry;
  /** The encoded entry, for comparing byte by byte. */
  readonly bytes: Uint8Array;
  /** MAC of the entry's own blob. */
  readonly mac: Mac;
  readonly isDirectory: boolean;
}

/** Is told of damage, which then takes nothing else with it. Where there is none, damage is thrown. */
export type DamageListener = ((error: PlakarError) => void) | undefined;

/**
 * The children in a directory's listing ("dirpack", kloset-format section 7), in its order. One that is damaged takes no
 * other with it; where the listing itself ends in damage, those before it are answered.
 */
export function childrenInListing(listing: Uint8Array, directory: ByteString, onDamage: DamageListener): Child[] {
  const children: Child[] = [];
  try {
    for (const frame of readDirpack(listing)) {
      try {
        children.push(childInFrame(frame, directory));
      } catch (error) {
        if (!onDamage) throw error;
        tell(onDamage, inContentsOf(directory, error));
      }
    }
  } catch (error) {
    tell(onDamage, inContentsOf(directory, error));
  }
  return children;
}

function inContentsOf(directory: ByteString, error: unknown): unknown {
  if (!isPlakarError(error, "corrupted")) return error;
  const what = `the contents of ${toDisplay(directory)}`;
  return corrupted(error.code, `${what} are damaged: ${error.message}`, error.details, error.cause);
}

/** Fails with kind `corrupted`, also where the entry is that of another directory. */
export function childInFrame({ isDirectory, entry: bytes, mac }: DirpackFrame, directory: ByteString): Child {
  const entry = decodeEntry(bytes);
  requireKind(entry, isDirectory);
  if (entry.parentPath !== directory) throw corrupted("entry-misplaced", "an entry is that of another directory");
  return { path: joinPath(directory, entry.fileInfo.name), entry, bytes, mac, isDirectory };
}

/**
 * The children of a directory in the tree of all entries, for snapshots of before there were listings. Where the tree itself
 * is damaged, those before the damage are answered.
 */
export async function childrenInTree(
  entries: Btree,
  reader: BlobReader,
  directory: ByteString,
  onDamage: DamageListener,
): Promise<Child[]> {
  const prefix = (directory === "/" ? "/" : `${directory}/`) as ByteString;
  const children: Child[] = [];
  try {
    for await (const { key, value } of entries.scan(prefix)) {
      if (key === directory) continue;
      if (!key.startsWith(prefix) || key.includes("/", prefix.length)) break;
      try {
        children.push(await childInTree(reader, directory, key, value));
      } catch (error) {
        tell(onDamage, error);
      }
    }
  } catch (error) {
    tell(onDamage, error);
  }
  return children;
}

async function childInTree(reader: BlobReader, directory: ByteString, path: ByteString, mac: Mac): Promise<Child> {
  const what = `the entry of ${toDisplay(path)}`;
  const bytes = await reader.read(ResourceType.vfsEntry, mac, what);
  const entry = decodeEntry(bytes);
  if (entry.parentPath !== directory || joinPath(directory, entry.fileInfo.name) !== path)
    throw corrupted("entry-misplaced", `${what} is another's`);
  return { path, entry, bytes, mac, isDirectory: itemKindOf(entry.fileInfo.mode) === "directory" };
}

/** A listing says of each child whether it is a directory, and so does its entry. */
function requireKind(entry: VfsEntry, isDirectory: boolean): void {
  if ((itemKindOf(entry.fileInfo.mode) === "directory") === isDirectory) return;
  throw corrupted(
    "entry-damaged",
    `${toDisplay(entry.fileInfo.name)} is a directory there and is none, or the reverse`,
  );
}

function tell(onDamage: DamageListener, error: unknown): void {
  if (!onDamage || !isPlakarError(error, "corrupted")) throw error;
  onDamage(error);
}
