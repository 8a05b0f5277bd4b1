/** The trees that are backed up, made the same on every machine: what they hold depends on nothing but these numbers. */
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "../../src/foundation/index.ts";

export type CorpusName = "source" | "tiny" | "big";

export interface Corpus {
  readonly name: CorpusName;
  readonly what: string;
  /** Writes the tree into an empty directory. */
  readonly make: (root: string) => void;
  /** Changes 1 % of it in place, in another way for every `round`. */
  readonly change: (root: string, round: number) => void;
}

/** `scale` 1 is the full size. */
export function corporaOf(scale: number): Corpus[] {
  const source = { files: Math.round(15_000 * scale), meanBytes: 19_300, perDirectory: 5, noiseEvery: 20 };
  const tiny = { files: Math.round(50_000 * scale), meanBytes: 512, perDirectory: 200, noiseEvery: 0 };
  const bigMiB = Math.max(8, Math.round(512 * scale));
  return [
    {
      name: "source",
      what: `${source.files} source files, ${Math.round((source.files * source.meanBytes) / 1e6)} MB`,
      make: (root) => makeFiles(root, source, sourceBytes),
      change: (root, round) => changeFiles(root, source, round),
    },
    {
      name: "tiny",
      what: `${tiny.files} files of at most 1 KiB`,
      make: (root) => makeFiles(root, tiny, (random) => 1 + random.below(1024)),
      change: (root, round) => changeFiles(root, tiny, round),
    },
    {
      name: "big",
      what: `one file of ${bigMiB} MiB, half of it random`,
      make: (root) => makeBigFile(root, bigMiB),
      change: (root, round) => changeBigFile(root, bigMiB, round),
    },
  ];
}

interface Shape {
  readonly files: number;
  readonly meanBytes: number;
  readonly perDirectory: number;
  /** Every how manieth file is noise, as pictures and archives are; 0 for none. */
  readonly noiseEvery: number;
}

function makeFiles(root: string, shape: Shape, bytesOf: (random: SeededRandom) => number): void {
  const random = new SeededRandom(shape.files);
  const lines = linesOfSource(random);
  for (let file = 0; file < shape.files; file++) {
    const path = pathOf(root, shape, file);
    if (file % shape.perDirectory === 0) mkdirSync(join(path, ".."), { recursive: true });
    const bytes = bytesOf(random);
    const isNoise = shape.noiseEvery > 0 && file % shape.noiseEvery === shape.noiseEvery - 1;
    writeFileSync(path, isNoise ? random.bytes(bytes) : textOf(random, lines, bytes));
  }
}

/** Directories three deep, as in a tree of sources. */
function pathOf(root: string, { perDirectory }: Shape, file: number): string {
  const directory = Math.floor(file / perDirectory);
  const names = [
    `part${Math.floor(directory / 100)}`,
    `module${Math.floor(directory / 10) % 10}`,
    `d${directory % 10}`,
  ];
  return join(root, ...names, `file${file}.${file % 3 === 0 ? "ts" : file % 3 === 1 ? "c" : "md"}`);
}

/** Many are small, few are large: the mean of all is that of `Shape`. */
function sourceBytes(random: SeededRandom): number {
  const uniform = (1 + random.below(2 ** 32)) / 2 ** 32;
  return Math.min(1 << 20, 200 + Math.round(-19_400 * Math.log(uniform)));
}

/** Lines that are like code: few words are frequent, and most lines stand in several files. */
function linesOfSource(random: SeededRandom): string[] {
  const letters = "etaoinshrdlucmfwypvbgkjqxz";
  const words = Array.from({ length: 4000 }, () =>
    Array.from({ length: 2 + random.below(9) }, () => letters[Math.min(random.below(26), random.below(26))]).join(""),
  );
  const marks = [" ", " ", " ", "(", ")", ", ", " = ", ".", ";", "->", "[", "]", ": "];
  return Array.from({ length: 30_000 }, () => {
    const parts = Array.from({ length: 3 + random.below(9) }, () => {
      const rank = Math.floor(4000 ** ((1 + random.below(2 ** 32)) / 2 ** 32)) - 1; // Zipf
      return `${words[rank]}${marks[random.below(marks.length)]}`;
    });
    return `${"  ".repeat(random.below(5))}${parts.join("")}\n`;
  });
}

function textOf(random: SeededRandom, lines: readonly string[], bytes: number): Buffer {
  const parts: string[] = [];
  for (let length = 0; length < bytes; ) {
    // one line in four is nowhere else
    const line = lines[random.below(lines.length)] ?? "";
    const part = random.below(4) === 0 ? `${line.trimEnd()} ${random.next().toString(36)}\n` : line;
    parts.push(part);
    length += part.length;
  }
  return Buffer.from(parts.join(""), "latin1").subarray(0, bytes);
}

function changeFiles(root: string, shape: Shape, round: number): void {
  for (let file = round % 100; file < shape.files; file += 100) {
    const path = pathOf(root, shape, file);
    const before = readFileSync(path);
    writeFileSync(path, Buffer.concat([Buffer.from(`changed ${round}\n`), before.subarray(0, before.length - 12)]));
  }
}

const MIB = 1 << 20;

function makeBigFile(root: string, mib: number): void {
  const random = new SeededRandom(mib);
  const lines = linesOfSource(random);
  const file = openSync(join(root, "big.img"), "w");
  try {
    // the text is made once and shifted: no two blocks are equal
    const text = textOf(random, lines, 64 * MIB);
    for (let block = 0; block < mib * 2; block++) {
      const from = random.below(63 * MIB);
      writeSync(file, block % 2 === 0 ? random.bytes(MIB / 2) : text.subarray(from, from + MIB / 2));
    }
  } finally {
    closeSync(file);
  }
}

function changeBigFile(root: string, mib: number, round: number): void {
  const random = new SeededRandom(round + 1);
  const file = openSync(join(root, "big.img"), "r+");
  try {
    const pieces = Math.max(1, Math.round(mib / 100));
    for (let piece = 0; piece < pieces; piece++)
      writeSync(file, random.bytes(MIB), 0, MIB, random.below(mib - 1) * MIB);
  } finally {
    closeSync(file);
  }
}
