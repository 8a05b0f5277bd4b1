import { asMac, type Mac } from "../../../src/format/index.ts";
import {
  type ByteString,
  fromText,
  type ItemKind,
  joinPath,
  type SeededRandom,
} from "../../../src/foundation/index.ts";
import type { BuilderItem } from "../../../src/snapshot/index.ts";

const kinds: readonly ItemKind[] = ["file", "file", "file", "directory", "directory", "symlink", "fifo", "socket"];
const types = ["text/plain; charset=utf-8", "image/png", "audio/mpeg", "video/mp4", "application/gzip", "font/ttf"];
const ROOT = "/" as ByteString;

export interface GeneratedDirectory {
  readonly item: BuilderItem;
  /** Sorted by name. */
  readonly children: readonly BuilderItem[];
  readonly failures: readonly { readonly path: ByteString; readonly message: string }[];
}

/** Directories with items of every kind below `/`, by path; contents are named and never read. */
export function generateTree(random: SeededRandom, items: number): Map<ByteString, GeneratedDirectory> {
  const tree = new Map<
    ByteString,
    { item: BuilderItem; children: BuilderItem[]; failures: GeneratedDirectory["failures"] }
  >();
  tree.set(ROOT, { item: generateItem(random, ROOT, "directory"), children: [], failures: [] });
  for (let made = 0; made < items; made++) {
    const above = [...tree.values()][random.below(tree.size)];
    if (!above) continue;
    const path = joinPath(above.item.path, generateName(random, made));
    const item = generateItem(random, path, kinds[random.below(kinds.length)] as ItemKind);
    above.children.push(item);
    if (item.info.kind === "directory")
      tree.set(path, { item, children: [], failures: generateFailures(random, path) });
  }
  for (const { children } of tree.values()) children.sort((a, b) => (a.path < b.path ? -1 : 1));
  return tree;
}

/** Names that sort differently as text, as bytes and by length; the number keeps them apart. */
function generateName(random: SeededRandom, number: number): ByteString {
  const letters = ["a", "Z", ".", "-", " ", "\xff", "\xc3\xa9", "\n", "!", "0"];
  const prefix = Array.from({ length: random.below(4) }, () => letters[random.below(letters.length)]);
  return `${prefix.join("")}${number}` as ByteString;
}

function generateItem(random: SeededRandom, path: ByteString, kind: ItemKind): BuilderItem {
  const name = path === "/" ? path : (path.slice(path.lastIndexOf("/") + 1) as ByteString);
  const info = {
    kind,
    name,
    sizeBytes: kind === "file" ? random.below(1 << 30) : 0,
    permissions: random.below(0o10000),
    modifiedNs: BigInt(random.below(2 ** 31)) * 1_000_000_007n - 10n ** 18n,
    device: BigInt(random.below(2 ** 31)),
    inode: BigInt(random.below(2 ** 31)) << 20n,
    userId: random.below(2 ** 31) * 2,
    groupId: random.below(2 ** 31),
    linkCount: 1 + random.below(3),
    userName: random.below(2) ? "user" : "",
    groupName: random.below(2) ? "groupé" : "",
  };
  const attributes = Array.from({ length: Math.max(0, random.below(6) - 3) }, (_, number) => ({
    name: fromText(`user.attribute-${number}`),
    value: random.bytes(random.below(100)),
  }));
  return {
    path,
    info,
    ...(attributes.length > 0 && { extendedAttributes: attributes }),
    ...(kind === "symlink" && { symlinkTarget: `../\xff${name}` as ByteString }),
    ...(kind === "file" && {
      content: {
        object: someMac(random),
        contentType: types[random.below(types.length)] as string,
        // exact in binary, so that sums do not depend on their order
        entropy: random.below(33) / 4,
        chunks: random.below(9),
      },
    }),
  };
}

function generateFailures(random: SeededRandom, directory: ByteString): GeneratedDirectory["failures"] {
  return Array.from({ length: Math.max(0, random.below(5) - 3) }, (_, number) => ({
    path: joinPath(directory, fromText(`unreadable ${number}`)),
    message: `permission denied ${number}`,
  }));
}

function someMac(random: SeededRandom): Mac {
  return asMac(random.bytes(32));
}
