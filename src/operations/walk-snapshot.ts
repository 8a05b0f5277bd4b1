import type { ByteString } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { type Child, itemOf, type SnapshotItem, type SnapshotView } from "../snapshot/index.ts";
import { tellDamage } from "./tell-damage.ts";

export interface WalkedItem extends SnapshotItem {
  readonly child: Child;
}

/**
 * What a directory holds, and what is below it when `recursive`: depth first, names in byte order. What is damaged is told
 * and passed over.
 */
export async function* walkBelow(
  repository: Repository,
  view: SnapshotView,
  directory: ByteString,
  options: { readonly recursive: boolean },
): AsyncGenerator<WalkedItem> {
  // a stack, not recursion: a path may have two thousand steps
  const waiting = (await childrenOf(repository, view, directory)).toReversed();
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    yield item;
    if (!options.recursive || item.info.kind !== "directory") continue;
    for (const below of (await childrenOf(repository, view, item.path)).toReversed()) waiting.push(below);
  }
}

/** The children of a directory that can be read. */
export async function childrenOf(
  repository: Repository,
  view: SnapshotView,
  directory: ByteString,
): Promise<WalkedItem[]> {
  const items: WalkedItem[] = [];
  try {
    for (const child of await view.children(directory)) {
      try {
        items.push({ ...itemOf(child.path, child.entry), child });
      } catch (error) {
        tellDamage(repository, child.path, error);
      }
    }
  } catch (error) {
    tellDamage(repository, directory, error);
  }
  return items;
}
