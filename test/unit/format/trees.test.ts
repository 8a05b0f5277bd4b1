import { describe, expect, it } from "vitest";
import {
  asMac,
  type BtreeNode,
  compareKeys,
  comparePaths,
  decodeBtreeNode,
  decodeBtreeRoot,
  encodeBtreeNode,
  encodeBtreeRoot,
  goMode,
  itemKindOf,
  permissionsOf,
} from "../../../src/format/index.ts";
import type { ByteString, ItemKind } from "../../../src/foundation/index.ts";
import { hex } from "./samples.ts";
import { mac, s, spell, u32 } from "./spell.ts";

const macOf = (byte: number): ReturnType<typeof asMac> => asMac(Buffer.alloc(32, byte));
const keys = (...names: string[]): ByteString[] => names as ByteString[];

describe("a tree's root", () => {
  it("is byte for byte the format's", () => {
    const root = { version: 0, order: 50, count: 300, root: macOf(1) };
    const bytes = spell(
      [0x84, s("Version"), u32(0), s("Order"), 50, s("Count"), 0xcd, 0x01, 0x2c],
      [s("Root"), mac(1)],
    );
    expect(hex(encodeBtreeRoot(root))).toBe(hex(bytes));
    expect(decodeBtreeRoot(bytes)).toStrictEqual(root);
  });
});

describe("a tree's node", () => {
  it.each<[string, BtreeNode, Buffer]>([
    [
      "leaf",
      { keys: keys("a", "b"), pointers: null, values: [macOf(1), macOf(2)], next: macOf(3) },
      spell(
        [0x85, s("version"), u32(0), s("keys"), 0x92, s("a"), s("b"), s("pointers"), 0xc0],
        [s("values"), 0x92, mac(1), mac(2), s("next"), mac(3)],
      ),
    ],
    [
      "last leaf",
      { keys: keys("a"), pointers: null, values: [macOf(1)], next: null },
      spell([0x84, s("version"), u32(0), s("keys"), 0x91, s("a"), s("pointers"), 0xc0, s("values"), 0x91, mac(1)]),
    ],
    [
      "leaf of an empty tree",
      { keys: [], pointers: null, values: null, next: null },
      spell(0x84, s("version"), u32(0), s("keys"), 0xc0, s("pointers"), 0xc0, s("values"), 0xc0),
    ],
    [
      "inner node",
      { keys: keys("b"), pointers: [macOf(1), macOf(2)], values: null, next: null },
      spell(
        [0x84, s("version"), u32(0), s("keys"), 0x91, s("b"), s("pointers"), 0x92, mac(1), mac(2)],
        [s("values"), 0xc0],
      ),
    ],
  ])("is byte for byte the format's: %s", (_, node, bytes) => {
    expect(hex(encodeBtreeNode(node))).toBe(hex(bytes));
    expect(decodeBtreeNode(bytes)).toStrictEqual(node);
  });

  it.each<[string, BtreeNode]>([
    ["a key without a value", { keys: keys("a"), pointers: null, values: null, next: null }],
    ["a value without a key", { keys: keys("a"), pointers: null, values: [macOf(1), macOf(1)], next: null }],
    ["as many pointers as keys", { keys: keys("a"), pointers: [macOf(1)], values: null, next: null }],
    ["two pointers more than keys", { keys: [], pointers: [macOf(1), macOf(2)], values: null, next: null }],
  ])("with %s is damaged", (_, node) => {
    const bytes = encodeBtreeNode(node);
    expect(() => decodeBtreeNode(bytes)).toThrow(expect.objectContaining({ kind: "corrupted", code: "tree-damaged" }));
  });
});

describe("the order of trees", () => {
  it("of paths is by depth, then by bytes", () => {
    const sorted = keys("/", "/a", "/a b", "/b", "/\xff", "/a/a", "/b/a", "/a/a/a");
    expect(sorted.toReversed().toSorted(comparePaths)).toStrictEqual(sorted);
    expect(comparePaths("/a" as ByteString, "/a" as ByteString)).toBe(0);
  });

  it("of other keys is by bytes alone", () => {
    const sorted = keys("/a", "/a b", "/a/a", "/aa", "/b", "/\x80", "/\xff");
    expect(sorted.toReversed().toSorted(compareKeys)).toStrictEqual(sorted);
  });
});

describe("modes", () => {
  it.each<[ItemKind, number, number]>([
    ["file", 0o644, 0o644],
    ["file", 0o4755, 2 ** 23 + 0o755],
    ["file", 0o2755, 2 ** 22 + 0o755],
    ["directory", 0o1777, 2 ** 31 + 2 ** 20 + 0o777],
    ["symlink", 0o777, 2 ** 27 + 0o777],
    ["block-device", 0o660, 2 ** 26 + 0o660],
    ["character-device", 0o660, 2 ** 26 + 2 ** 21 + 0o660],
    ["fifo", 0o600, 2 ** 25 + 0o600],
    ["socket", 0o600, 2 ** 24 + 0o600],
    ["directory", 0o7777, 2 ** 31 + 2 ** 23 + 2 ** 22 + 2 ** 20 + 0o777],
  ])("of a %s with %i are Go's", (kind, permissions, mode) => {
    expect(goMode(kind, permissions)).toBe(mode);
    expect(itemKindOf(mode)).toBe(kind);
    expect(permissionsOf(mode)).toBe(permissions);
  });

  it("of a kind that is not known are refused", () => {
    expect(() => itemKindOf(2 ** 19)).toThrow(expect.objectContaining({ kind: "corrupted", code: "mode-unknown" }));
  });
});
