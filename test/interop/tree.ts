import { createCipheriv } from "node:crypto";
import { chmodSync, chownSync, linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { type ByteString, fromLatin1, fromText, joinPath, toFsPath } from "../../src/foundation/index.ts";
import { mkfifo, setExtendedAttribute, setModifiedTime } from "../../src/system/index.ts";

const SECOND_NS = 1_000_000_000n;
/** 2024-02-29T12:34:56.123456789Z: all nine digits differ. */
const ORDINARY_TIME_NS = 1_709_210_096_123_456_789n;
/** 1938-04-24T22:13:20.000000001Z */
const BEFORE_1970_NS = -1_000_000_000n * SECOND_NS + 1n;
/** 2099-12-31T23:59:59.5Z */
const LATE_TIME_NS = 4_102_444_799n * SECOND_NS + 500_000_000n;

const isRoot: boolean = process.geteuid?.() === 0;

/** Items that tests change. */
type ChangedItem = "random" | "text" | "attributed" | "losesAttribute" | "gainsAttribute" | "attributedDirectory";

export const names: Readonly<Record<ChangedItem, ByteString>> = {
  random: fromText("random.bin"),
  text: fromText("text.txt"),
  attributed: fromText("attributed.txt"),
  losesAttribute: fromText("loses-attribute.txt"),
  gainsAttribute: fromText("gains-attribute.txt"),
  attributedDirectory: fromText("attributed-directory"),
};

/**
 * Builds a tree with everything that a file system may hold and that the two programs could read differently.
 * Its parent directory gets an extended attribute too: programs save the directories above what they were asked for.
 */
export function buildTree(root: ByteString, above: ByteString): void {
  mkdirSync(toFsPath(root), { recursive: true });
  setExtendedAttribute(above, fromText("user.above"), Buffer.from("above the root"));
  setExtendedAttribute(root, fromText("user.root"), Buffer.from("the root"));
  addContents(root);
  addMetadata(root);
  addNames(root);
  addLinks(root);
  addDirectories(root);
  giveTimes(root);
}

function file(parent: ByteString, name: ByteString, content: string | Uint8Array = "content\n"): ByteString {
  const path = joinPath(parent, name);
  writeFileSync(toFsPath(path), content);
  return path;
}

function directory(parent: ByteString, name: string): ByteString {
  const path = joinPath(parent, fromText(name));
  mkdirSync(toFsPath(path));
  return path;
}

/** Bytes that do not compress and are the same in each run. */
export function noise(seed: number, size: number): Buffer {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(size));
}

function addContents(root: ByteString): void {
  file(root, fromText("empty"), "");
  file(root, fromText("one-byte"), "x");
  file(root, names.random, noise(1, 3_000_000));
  const lines = Array.from({ length: 60_000 }, (_, number) => `line ${number} of a text that compresses well\n`);
  file(root, names.text, lines.join(""));
  file(root, fromText("zeros"), Buffer.alloc(1_500_000));
  file(root, fromText("picture.png"), Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"));
}

function addMetadata(root: ByteString): void {
  for (const mode of [0o000, 0o400, 0o444, 0o600, 0o640, 0o755, 0o777, 0o4755, 0o2755, 0o6711]) {
    // what an ordinary user could not read back would be an error, not a mode
    if (!isRoot && (mode & 0o400) === 0) continue;
    chmodSync(toFsPath(file(root, fromText(`mode-${mode.toString(8)}`))), mode);
  }
  if (isRoot) {
    const owned = file(root, fromText("owned-by-others"));
    chownSync(toFsPath(owned), 12_345, 54_321);
  }
  const attributed = file(root, names.attributed);
  setExtendedAttribute(attributed, fromText("user.text"), Buffer.from("first value"));
  // One attribute a file: of several the Go implementation keeps only some (docs/differences.md).
  setExtendedAttribute(file(root, fromText("attributed-bytes")), fromText("user.bytes"), noise(2, 500));
  setExtendedAttribute(file(root, fromText("attributed-empty")), fromText("user.empty"), new Uint8Array());
  setExtendedAttribute(file(root, names.losesAttribute), fromText("user.lost"), Buffer.from("soon gone"));
  file(root, names.gainsAttribute);
}

function addNames(root: ByteString): void {
  const home = directory(root, "names");
  const texts = [
    "with space",
    "🦜 emoji",
    "l".repeat(200),
    "quote\"'`$",
    "new\nline",
    "-dash",
    "ünï",
    ".hidden",
    "a:b",
    "*",
  ];
  for (const text of texts) file(home, fromText(text), `named ${text}`);
  file(home, fromLatin1("not-utf8-\xff\xfe\x80"), "named in bytes");
}

function addLinks(root: ByteString): void {
  linkSync(toFsPath(file(root, fromText("hard-one"), "linked twice")), toFsPath(joinPath(root, fromText("hard-two"))));
  symlinkSync("text.txt", toFsPath(joinPath(root, fromText("link"))));
  symlinkSync("deep/1/2", toFsPath(joinPath(root, fromText("link-to-directory"))));
  symlinkSync("/nowhere/at all", toFsPath(joinPath(root, fromText("dangling"))));
  symlinkSync(toFsPath(fromLatin1("not-utf8-\xff")), toFsPath(joinPath(root, fromText("link-in-bytes"))));
  mkfifo(joinPath(root, fromText("fifo")), 0o620);
}

function addDirectories(root: ByteString): void {
  directory(root, "empty-directory");
  const many = directory(root, "many");
  for (let number = 0; number < 60; number++) {
    file(many, fromText(`f${number.toString().padStart(2, "0")}`), `file ${number}\n`);
  }
  let deepest = directory(root, "deep");
  for (let level = 1; level <= 15; level++) deepest = directory(deepest, String(level));
  file(deepest, fromText("leaf"), "far below");
  const attributed = joinPath(root, names.attributedDirectory);
  mkdirSync(toFsPath(attributed));
  file(attributed, fromText("child"));
  setExtendedAttribute(attributed, fromText("user.directory"), Buffer.from("on a directory"));
  for (const mode of [0o700, 0o2775, 0o1777]) {
    chmodSync(toFsPath(directory(root, `directory-${mode.toString(8)}`)), mode);
  }
}

/** Gives everything below a directory, and then itself, a time of its own. */
function giveTimes(path: ByteString): void {
  for (const entry of readdirSync(toFsPath(path), { withFileTypes: true, encoding: "latin1" })) {
    const child = joinPath(path, fromLatin1(entry.name));
    if (entry.isDirectory()) giveTimes(child);
    else setModifiedTime(child, fileTime(entry.name));
  }
  setModifiedTime(path, ORDINARY_TIME_NS + BigInt(path.length) * SECOND_NS);
}

function fileTime(name: string): bigint {
  if (name === "one-byte") return BEFORE_1970_NS;
  if (name === "zeros") return LATE_TIME_NS;
  return ORDINARY_TIME_NS + BigInt(name.length);
}
