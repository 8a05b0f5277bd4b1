import { type Mac, ResourceType } from "../format/index.ts";
import { type ByteString, equalBytes, isPlakarError } from "../foundation/index.ts";
import {
  type Btree,
  contentTypeIndex,
  directoryIndex,
  type RootsBefore,
  type SnapshotBuilder,
  summaryIndex,
} from "../snapshot/index.ts";
import { CLIENT, clientOf } from "./backup-header.ts";
import type { ParentSnapshot } from "./backup-parent.ts";
import type { KnownBlobs } from "./known-blobs.ts";

/**
 * The parent's trees, where nothing has changed: each whose nodes are all there. Only those that this program wrote, for
 * what others wrote may be right and have another shape.
 */
export async function rootsBefore(
  builder: SnapshotBuilder,
  known: KnownBlobs,
  parent: ParentSnapshot,
): Promise<RootsBefore | undefined> {
  const { view } = parent;
  const [source] = view.header.sources;
  if (!source || !builder.isUnchanged || clientOf(view.header) !== CLIENT) return undefined;
  const isSound = async (tree: Btree, value?: ResourceType): Promise<boolean> => {
    for await (const { type, mac } of tree.writtenNodes()) if (!known.has(type, mac)) return false;
    if (value === undefined) return true;
    for await (const pair of tree.scan()) if (!known.has(value, pair.value)) return false;
    return true;
  };
  const index = async (name: string, value?: ResourceType): Promise<Mac | undefined> => {
    const [tree, mac] = [view.indexes.get(name), source.indexes.find((each) => each.name === name)?.value];
    return tree && (await isSound(tree, value)) ? mac : undefined;
  };
  try {
    const top = await view.entries.get("/" as ByteString);
    if (!top || !builder.top || !equalBytes(top, builder.top)) return undefined;
    const summaries = (await view.isPartial()) ? undefined : await index(summaryIndex, ResourceType.vfsSummary);
    return {
      entries: (await isSound(view.entries)) ? source.root.root : undefined,
      contentTypes: await index(contentTypeIndex),
      directories: await index(directoryIndex),
      summaries: summaries && { root: summaries, top: source.summary },
    };
  } catch (error) {
    // what cannot be read is written anew
    if (isPlakarError(error, "corrupted")) return undefined;
    throw error;
  }
}
