import { assert, nat, property } from "fast-check";
import { expect, test } from "vitest";
import { decodeEntry, EntryMatcher, encodeEntry, itemKindOf, type VfsEntry } from "../../../src/format/index.ts";
import { type ByteString, equalBytes, fromText, SeededRandom } from "../../../src/foundation/index.ts";
import { type BuilderItem, entryOf } from "../../../src/snapshot/index.ts";
import { generateTree } from "../snapshot/generated-tree.ts";

/** Entries of every kind, each with the item that it was made of. */
function entries(seed: number): { item: BuilderItem; bytes: Uint8Array; directory: ByteString }[] {
  const tree = generateTree(new SeededRandom(seed), 40);
  return [...tree].flatMap(([directory, { children }]) =>
    children.map((item) => ({ item, directory, bytes: encodeEntry(entryOf(item)) })),
  );
}

/** A listing has other bytes before and behind. */
function matches(bytes: Uint8Array, directory: ByteString, item: BuilderItem): EntryMatcher | undefined {
  const listing = Buffer.concat([Buffer.alloc(5, 0xff), bytes, Buffer.alloc(32, 0xff)]);
  const matcher = new EntryMatcher(listing);
  return matcher.matches(5, 5 + bytes.length, directory, item) ? matcher : undefined;
}

/** What matching means: the item with the entry's content is encoded to the same bytes. */
function wouldBeSame(bytes: Uint8Array, directory: ByteString, item: BuilderItem): boolean {
  let entry: VfsEntry;
  try {
    entry = decodeEntry(bytes);
    itemKindOf(entry.fileInfo.mode);
  } catch {
    return false;
  }
  const { object, contentType = "", entropy = 0, chunks = 0 } = entry;
  const { content: _content, ...rest } = item;
  const again = item.info.kind === "file" ? { ...rest, content: { object, contentType, entropy, chunks } } : rest;
  return entry.parentPath === directory && equalBytes(encodeEntry(entryOf(again)), bytes);
}

test("an entry matches the item that it was made of, and tells its content", () => {
  for (const { item, bytes, directory } of entries(1)) {
    const matcher = matches(bytes, directory, item);
    const { object, contentType, entropy, chunks } = decodeEntry(bytes);
    // the longest form of a time is left to the slow way
    if (item.info.modifiedNs < 0n || (item.info.kind === "file" && !chunks)) {
      expect(matcher).toBeUndefined();
      continue;
    }
    expect(matcher).toMatchObject({ contentType: contentType ?? "", entropy: entropy ?? 0, chunks: chunks ?? 0 });
    if (item.info.kind !== "file" || !matcher) continue;
    const at = matcher.objectAt - 5;
    expect(bytes.subarray(at, at + 32)).toStrictEqual(object);
  }
});

test("an entry matches no item of which it would not be made, whatever single byte differs", () => {
  assert(
    property(nat({ max: 1000 }), nat(), nat({ max: 255 }), (seed, place, value) => {
      for (const { item, bytes, directory } of entries(seed % 8)) {
        const other = new Uint8Array(bytes);
        other[place % bytes.length] = value;
        if (matches(other, directory, item)) expect(wouldBeSame(other, directory, item)).toBe(true);
        const cut = bytes.subarray(0, place % bytes.length);
        expect(matches(cut, directory, item)).toBeUndefined();
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("an entry does not match an item in which a single field differs", () => {
  const changes: ((item: BuilderItem) => BuilderItem)[] = [
    (item) => ({ ...item, info: { ...item.info, name: `${item.info.name}x` as ByteString } }),
    (item) => ({ ...item, info: { ...item.info, sizeBytes: item.info.sizeBytes + 2 ** 32 } }),
    (item) => ({ ...item, info: { ...item.info, permissions: item.info.permissions ^ 1 } }),
    (item) => ({ ...item, info: { ...item.info, modifiedNs: item.info.modifiedNs + 1n } }),
    (item) => ({ ...item, info: { ...item.info, modifiedNs: item.info.modifiedNs + (1n << 32n) } }),
    (item) => ({ ...item, info: { ...item.info, modifiedNs: -item.info.modifiedNs - 1n } }),
    (item) => ({ ...item, info: { ...item.info, device: item.info.device + (1n << 40n) } }),
    (item) => ({ ...item, info: { ...item.info, inode: item.info.inode + 1n } }),
    (item) => ({ ...item, info: { ...item.info, userId: item.info.userId + 1 } }),
    (item) => ({ ...item, info: { ...item.info, groupId: item.info.groupId + 1 } }),
    (item) => ({ ...item, info: { ...item.info, linkCount: (item.info.linkCount + 1) & 0xffff } }),
    (item) => ({ ...item, info: { ...item.info, userName: `${item.info.userName}\u00e9` } }),
    (item) => ({ ...item, info: { ...item.info, groupName: `${item.info.groupName}x` } }),
    (item) => ({ ...item, info: { ...item.info, kind: item.info.kind === "fifo" ? "socket" : "fifo" } }),
    (item) => ({ ...item, symlinkTarget: `${item.symlinkTarget ?? ""}x` as ByteString }),
    (item) => ({
      ...item,
      extendedAttributes: [
        ...(item.extendedAttributes ?? []),
        { name: "user.zz" as ByteString, value: new Uint8Array() },
      ],
    }),
  ];
  for (const { item, bytes, directory } of entries(2)) {
    for (const change of changes) expect(matches(bytes, directory, change(item))).toBeUndefined();
    expect(matches(bytes, `${directory}x` as ByteString, item)).toBeUndefined();
  }
});

test("times of every length match, but for the longest", () => {
  const [file] = entries(3).filter(({ item }) => item.info.kind === "file" && (item.content?.chunks ?? 0) > 0);
  if (!file) throw new Error("there is no file");
  const times = [0n, 1n, 999_999_999n, 1_000_000_000n, 2n ** 32n * 10n ** 9n, 2n ** 32n * 10n ** 9n - 1n, 2n ** 62n];
  for (const modifiedNs of [...times, (2n ** 63n - 1n) & ~1n, -1n]) {
    const item = { ...file.item, info: { ...file.item.info, modifiedNs } };
    const isShort = modifiedNs >= 0n;
    expect([modifiedNs, matches(encodeEntry(entryOf(item)), file.directory, item) !== undefined]).toStrictEqual([
      modifiedNs,
      isShort,
    ]);
  }
});

test("names of any length are compared in byte order", () => {
  const [file] = entries(4).filter(({ item }) => item.info.kind === "file");
  if (!file) throw new Error("there is no file");
  const names = ["a", "a-", "ab", "b", "\u00ff", "n".repeat(31), "n".repeat(32), "n".repeat(255)].map(fromText);
  for (const directory of ["/", "/d", `/${"d".repeat(300)}`] as ByteString[]) {
    for (const own of names) {
      const path = (directory === "/" ? `/${own}` : `${directory}/${own}`) as ByteString;
      const bytes = encodeEntry(entryOf({ ...file.item, path, info: { ...file.item.info, name: own } }));
      for (const name of names) {
        const order = new EntryMatcher(bytes).compareName(0, bytes.length, directory, name);
        expect(Math.sign(order ?? Number.NaN)).toBe(own === name ? 0 : own < name ? -1 : 1);
      }
    }
  }
});
