import { type ByteString, throwIfAborted } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { type Child, itemOf, type SnapshotItem, type SnapshotView } from "../snapshot/index.ts";
import { SeenDirectories } from "./strays.ts";
import { tellDamage } from "./tell-damage.ts";

/** An item below a directory: as the snapshot has it (`entry`), and in the terms of sources and destinations (`info`). */
export interface WalkedItem extends SnapshotItem, Child {}

export interface WalkOptions {
  /** Also what is below the directory's directories. Default: true. */
  readonly recursive?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * What a directory holds, and what is below that: depth first, names in byte order. What is damaged is told to the
 * repository's `onDamage`, which makes the command end with 65, and passed over.
 */
export async function* walkBelow(
  repository: Repository,
  view: SnapshotView,
  directory: ByteString,
  { recursive = true, signal }: WalkOptions = {},
): AsyncGenerator<WalkedItem> {
  const seen = new SeenDirectories();
  // a stack, not recursion: a path may have two thousand steps
  const waiting = (await childrenOf(repository, view, directory, seen)).toReversed();
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    yield item;
    if (!recursive || !item.isDirectory) continue;
    throwIfAborted(signal);
    for (const below of (await childrenOf(repository, view, item.path, seen)).toReversed()) waiting.push(below);
  }
  if (recursive) await tellStrays(repository, view, directory, seen);
}

async function tellStrays(
  repository: Repository,
  view: SnapshotView,
  directory: ByteString,
  seen: SeenDirectories,
): Promise<void> {
  try {
    for await (const { path, error } of seen.strays(view, directory)) tellDamage(repository, path, error);
  } catch (error) {
    tellDamage(repository, directory, error);
  }
}

/** The children of a directory that can be read. */
export async function childrenOf(
  repository: Repository,
  view: SnapshotView,
  directory: ByteString,
  seen: SeenDirectories = new SeenDirectories(),
): Promise<WalkedItem[]> {
  const items: WalkedItem[] = [];
  try {
    const children = await seen.childrenOf(view, directory, (error) => tellDamage(repository, directory, error));
    for (const child of children) {
      try {
        items.push({ ...child, ...itemOf(child.path, child.entry) });
      } catch (error) {
        tellDamage(repository, child.path, error);
      }
    }
  } catch (error) {
    tellDamage(repository, directory, error);
  }
  return items;
}
