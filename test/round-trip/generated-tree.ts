import {
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import {
  type ByteString,
  fromLatin1,
  fromText,
  joinPath,
  type SeededRandom,
  toFsPath,
} from "../../src/foundation/index.ts";
import { mkfifo, setExtendedAttribute, setModifiedTime } from "../../src/system/index.ts";

/** Around the sizes at which chunks are cut and small files are packed together. */
const sizes = [0, 1, 2, 4095, 4096, 65_536, 524_287, 524_288, 524_289, 1_048_577, 2_500_000];
const letters = ["a", "Z", ".", "-", " ", "\xff", "\xc3\xa9", "\n", "\t", "'", '"', "\\", "*", "0", "\x01", "\x7f"];
const LONGEST_NAME = 255;
const isRoot = process.geteuid?.() === 0;

export interface Generation {
  readonly random: SeededRandom;
  readonly items: number;
  /** Whether the file system takes extended attributes. */
  readonly attributes: boolean;
}

/** Makes a tree: names, contents, modes, owners, times, links and attributes by chance, the same ones for one seed. */
export function makeGeneratedTree(root: string, generation: Generation): void {
  mkdirSync(root);
  const directories = [fromText(root)];
  const files: ByteString[] = [];
  for (let number = 0; number < generation.items; number++) {
    const path = joinPath(pick(generation.random, directories), someName(generation.random, number));
    const kind = generation.random.below(10);
    if (kind < 2) {
      mkdirSync(toFsPath(path));
      directories.push(path);
    } else if (kind === 2) symlinkSync(toFsPath(pick(generation.random, [...files, path])), toFsPath(path));
    else if (kind === 3 && files.length > 0) linkSync(toFsPath(pick(generation.random, files)), toFsPath(path));
    else if (kind === 4) mkfifo(path, 0o644);
    else {
      writeFileSync(toFsPath(path), someContent(generation.random));
      files.push(path);
    }
  }
  for (const path of itemsOf(fromText(root))) dress(path, generation);
}

/** Changes a tree: items go, files grow, shrink and change within, some are new, some only look otherwise. */
export function changeGeneratedTree(root: string, generation: Generation): void {
  const { random } = generation;
  const paths = itemsOf(fromText(root)).slice(0, -1);
  for (const path of paths) {
    const stat = lstatSync(toFsPath(path), { throwIfNoEntry: false });
    const change = random.below(12);
    // undefined: it went with its directory
    if (!stat) continue;
    if (change === 0) rmSync(toFsPath(path), { recursive: true });
    else if (stat.isFile() && change < 4)
      writeFileSync(toFsPath(path), someContent(random), { flag: ["w", "a", "r+"][change - 1] });
    else if (change === 4) dress(path, generation);
  }
  for (let number = 0; number < 5; number++)
    writeFileSync(toFsPath(joinPath(fromText(root), fromText(`new ${number}`))), someContent(random));
}

/** Everything below a directory, what lies in directories before them, itself at the end. */
function itemsOf(directory: ByteString): ByteString[] {
  const items: ByteString[] = [];
  for (const entry of readdirSync(toFsPath(directory), { withFileTypes: true, encoding: "latin1" }).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = joinPath(directory, fromLatin1(entry.name));
    if (entry.isDirectory()) items.push(...itemsOf(path));
    else items.push(path);
  }
  items.push(directory);
  return items;
}

/** Attributes first, for mode and owner may forbid them; the owner before the mode, whose special bits it clears. */
function dress(path: ByteString, { random, attributes }: Generation): void {
  const native = toFsPath(path);
  const stat = lstatSync(native);
  if (attributes && (stat.isFile() || stat.isDirectory()))
    for (let number = random.below(6) - 3; number > 0; number--)
      setExtendedAttribute(path, fromText(`user.n${number}`), random.bytes(random.below(300)));
  if (isRoot && random.below(3) === 0) lchownSync(native, random.below(70_000), random.below(70_000));
  if (!stat.isSymbolicLink() && random.below(2) === 0) chmodSync(native, someMode(random));
  setModifiedTime(path, BigInt(random.below(2 ** 31)) * 2_000_000_011n - 2n * 10n ** 18n);
}

/** Ourselves we must be able to read it. */
function someMode(random: SeededRandom): number {
  return isRoot ? random.below(0o10000) : random.below(0o10000) | 0o700;
}

function someName(random: SeededRandom, number: number): ByteString {
  const length = random.below(20) === 0 ? LONGEST_NAME - String(number).length : random.below(6);
  const prefix = Array.from({ length }, () => pick(random, letters)).join("");
  return fromLatin1(`${prefix.slice(0, length)}${number}`);
}

/** Bytes by chance, or a repeated word, so that some compresses and some is known already. */
function someContent(random: SeededRandom): Buffer {
  const size = random.below(3) === 0 ? pick(random, sizes) : random.below(20_000);
  if (random.below(2) === 0) return Buffer.alloc(size, `word ${random.below(3)} `);
  return Buffer.from(random.bytes(size));
}

function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.below(from.length)] as T;
}
