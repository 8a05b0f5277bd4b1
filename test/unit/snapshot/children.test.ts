import { expect, test } from "vitest";
import { encodeDirpackFrame, encodeEntry, goMode, V1_0_0, zeroMac } from "../../../src/format/index.ts";
import { type ByteString, fromLatin1 } from "../../../src/foundation/index.ts";
import { childrenInListing } from "../../../src/snapshot/index.ts";

const directory = "/d" as ByteString;

function frame(name: string, options: { parent?: string; isDirectory?: boolean } = {}): Uint8Array {
  const fileInfo = {
    ...{ name: fromLatin1(name), size: 0, mode: goMode("file", 0o644), modTimeNs: 0n, flags: 0 },
    ...{ dev: 1n, ino: 1n, uid: 0n, gid: 0n, nlink: 1, username: "", groupname: "" },
  };
  const parentPath = fromLatin1(options.parent ?? directory);
  const entry = encodeEntry({ version: V1_0_0, parentPath, fileInfo, object: zeroMac });
  return encodeDirpackFrame(options.isDirectory ?? false, entry, zeroMac);
}

function read(...frames: Uint8Array[]): { names: string[]; codes: string[] } {
  const codes: string[] = [];
  const children = childrenInListing(Buffer.concat(frames), directory, ({ code }) => codes.push(code));
  return { names: children.map(({ path }) => path), codes };
}

test("a child that is damaged, or another directory's, takes no other with it", () => {
  const elsewhere = frame("b", { parent: "/e" });
  const otherKind = frame("c", { isDirectory: true });
  const broken = frame("d").fill(0xc1, 5, 20);
  expect(read(frame("a"), elsewhere, otherKind, broken, frame("e"))).toStrictEqual({
    names: ["/d/a", "/d/e"],
    codes: ["entry-misplaced", "entry-damaged", expect.any(String)],
  });
});

test("where the listing itself ends in damage, those before it are answered", () => {
  const cut = frame("b").subarray(0, -1);
  expect(read(frame("a"), cut)).toStrictEqual({ names: ["/d/a"], codes: ["dirpack-damaged"] });
});

test("without a listener damage is thrown, and says where it was met once", () => {
  for (const listing of [Buffer.concat([frame("a"), Buffer.alloc(9)]), frame("b", { parent: "/e" })]) {
    expect(() => childrenInListing(listing, directory, undefined)).toThrow(/^the contents of \/d are damaged: (?!the)/);
  }
});
