import { createHash } from "node:crypto";
import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ByteString, fromBytes, toDisplay } from "../../src/foundation/index.ts";
import { getExtendedAttribute, listExtendedAttributes } from "../../src/system/index.ts";
import { archivedFiles, goldenFolder, goldenPassphrase } from "../support/golden-archive.ts";
import { Workspace } from "./command-line.ts";

/** A line of test/golden/tree-*.jsonl; `path` has one character per byte. */
interface GoldenItem {
  readonly path: string;
  readonly type: "dir" | "file" | "symlink" | "fifo";
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly mtime_ns?: number;
  readonly nlink?: number;
  readonly size?: number;
  readonly sha256?: string;
  readonly target?: string;
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** Numbers beyond 2^53 lose their last digits in JSON: so they do on both sides. */
function readTree(name: string): GoldenItem[] {
  const lines = readFileSync(join(goldenFolder, `${name}.jsonl`), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as GoldenItem).toSorted(byPath);
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

/** What lies below a directory, told as the golden trees tell it. */
function describeAsGolden(root: string): GoldenItem[] {
  const items: GoldenItem[] = [];
  const visit = (full: Buffer): void => {
    const stat = lstatSync(full, { bigint: true });
    const path = full.subarray(root.length).toString("latin1") || "/";
    const type = stat.isDirectory() ? "dir" : stat.isSymbolicLink() ? "symlink" : stat.isFIFO() ? "fifo" : "file";
    const attributes = type === "symlink" ? [] : listExtendedAttributes(fromBytes(full));
    const xattrs = Object.fromEntries(
      attributes.map((name) => [name, Buffer.from(getExtendedAttribute(fromBytes(full), name)).toString("hex")]),
    );
    items.push({
      path,
      type,
      mode: `0o${(stat.mode & 0o7777n).toString(8)}`,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      ...(type === "symlink" && { target: readlinkSync(full) }),
      ...(type === "file" && {
        mtime_ns: Number(stat.mtimeNs),
        nlink: Number(stat.nlink),
        size: Number(stat.size),
        sha256: createHash("sha256").update(readFileSync(full)).digest("hex"),
      }),
      ...(attributes.length > 0 && { xattrs }),
    });
    if (type !== "dir") return;
    for (const name of readdirSync(full, { encoding: "buffer" })) {
      visit(Buffer.concat([full, Buffer.from("/"), name]));
    }
  };
  visit(Buffer.from(root));
  return items.toSorted(byPath);
}

/** An ordinary user gives no file away. */
function withoutOwners(items: readonly GoldenItem[]): GoldenItem[] {
  if (process.getuid?.() === 0) return [...items];
  return items.map((item) => ({ ...item, uid: 0, gid: 0 }));
}

let space: Workspace;
beforeEach(() => {
  space = new Workspace();
  space.passphrase = goldenPassphrase;
});
afterEach(() => space.remove());

function unpack(name: string): void {
  for (const [path, bytes] of archivedFiles(name)) {
    mkdirSync(dirname(join(space.store, path)), { recursive: true });
    writeFileSync(join(space.store, path), bytes);
  }
}

function snapshotIds(): string[] {
  const lines = space.plakar("ls").out.trim().split("\n");
  return lines.map((line) => line.split(/ +/)[1] ?? "").toReversed(); // oldest first
}

describe.each([
  { name: "plain", trees: ["tree-1", "tree-2"] },
  { name: "encrypted", trees: ["tree-1", "tree-2"] },
  { name: "sha256", trees: ["tree-small"] },
  { name: "uncompressed", trees: ["tree-small"] },
])("the store $name of the Go implementation", ({ name, trees }) => {
  test("is sound, and gives back every item as it was", () => {
    unpack(name);
    expect(space.plakar("check")).toMatchObject({ code: 0, err: "" });
    const ids = snapshotIds();
    expect(ids).toHaveLength(trees.length);
    for (const [index, tree] of trees.entries()) {
      const target = space.path(`back-${index}`);
      expect(space.plakar("restore", "-to", target, ids[index] ?? "")).toMatchObject({ code: 0, err: "" });
      expect(withoutOwners(describeAsGolden(target))).toStrictEqual(withoutOwners(readTree(tree)));
    }
  });

  test("is listed with every item, and has no errors to tell", () => {
    unpack(name);
    for (const [index, id] of snapshotIds().entries()) {
      const run = space.plakar("ls", "-json", "-recursive", id);
      expect(run).toMatchObject({ code: 0, err: "" });
      const found = run.out.trim().split("\n");
      const { root } = JSON.parse(space.plakar("ls", "-json").out.split("\n")[0] ?? "") as { root: string };
      const wanted = readTree(trees[index] ?? "").filter(({ path }) => path !== "/");
      const shown = wanted.map(({ path }) => `${root}${toDisplay(path as ByteString)}`);
      expect(found.map((line) => (JSON.parse(line) as GoldenItem).path).toSorted()).toStrictEqual(shown.toSorted());
      expect(space.plakar("ls", "-recursive", id).out.trim().split("\n")).toHaveLength(wanted.length);
      expect(space.plakar("info", "-errors", id)).toMatchObject({ code: 0, out: "", err: "" });
    }
  });

  test("takes another backup that stores nothing again, and stays sound", () => {
    unpack(name);
    const before = snapshotIds();
    const target = space.path("srv");
    expect(space.plakar("restore", "-to", target, before.at(-1) ?? "").code).toBe(0);
    const run = space.plakar("backup", "-json", target);
    expect(run).toMatchObject({ code: 0 });
    const summary = JSON.parse(run.out.trim().split("\n").at(-1) ?? "") as Record<string, number>;
    // metadata alone, as the roots differ: the larger trees hold 1.3 MB that cannot be compressed
    expect(summary["bytesAdded"]).toBeLessThan(400_000);
    expect(space.plakar("check")).toMatchObject({ code: 0 });
    expect(space.plakar("restore", "-to", space.path("again"), "latest").code).toBe(0);
    expect(describeAsGolden(space.path("again"))).toStrictEqual(describeAsGolden(target));
    expect(space.plakar("rm", ...before).code).toBe(0);
    expect(space.plakar("check").code).toBe(0);
    expect(snapshotIds()).toHaveLength(1);
  });
});

test.each(["plain.ptar", "encrypted.ptar"])("%s of the Go implementation is a store for reading", (name) => {
  copyFileSync(join(goldenFolder, name), space.store);
  const [id = ""] = snapshotIds();
  expect(id).toMatch(/^[0-9a-f]{8}$/);
  for (const words of [["check"], ["check", "-fast"], ["check", id]]) {
    expect([words, space.plakar(...words)]).toMatchObject([words, { code: 0, err: "" }]);
  }
  const content = space.plakar("cat", `${id}:a.txt`);
  expect(content).toMatchObject({ code: 0 });
  expect(content.out).toHaveLength(9);
  expect(space.plakar("restore", "-to", space.path("back"))).toMatchObject({ code: 0, err: "" });
  expect(readFileSync(space.path("back", "a.txt"), "utf8")).toBe(content.out);
  mkdirSync(space.path("tree"));
  for (const words of [
    ["backup", space.path("tree")],
    ["rm", id],
  ]) {
    const run = space.plakar(...words);
    expect([words, run.code, run.out]).toStrictEqual([words, 1, ""]);
    expect(run.err).toMatch(/read/);
  }
  const bytes = readFileSync(space.store);
  const middle = bytes.length >> 1; // in its packfile, which is most of it
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(space.store, bytes);
  expect(space.plakar("check").code).toBe(65);
});
