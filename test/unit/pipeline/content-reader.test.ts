import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { assert, nat, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { BytesReader, type ContentReader, FileReader } from "../../../src/pipeline/content-reader.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();

function readAll(reader: ContentReader, atOnce = 100_000): Buffer {
  const memory = new Uint8Array(atOnce + 10).fill(7);
  const parts: Buffer[] = [];
  for (let got = reader.read(memory, 10, atOnce); got > 0; got = reader.read(memory, 10, atOnce)) {
    parts.push(Buffer.from(memory.subarray(10, 10 + got)));
  }
  expect(memory.subarray(0, 10).every((byte) => byte === 7)).toBe(true);
  return Buffer.concat(parts);
}

function readFile(path: string, atOnce?: number): Buffer {
  const descriptor = openSync(path, "r");
  try {
    return readAll(new FileReader(descriptor, fstatSync(descriptor)), atOnce);
  } finally {
    closeSync(descriptor);
  }
}

test("files with data and holes anywhere are read as they are", () => {
  const path = join(temporary(), "file");
  assert(
    property(nat(), nat({ max: 12 }), nat({ max: 3_000_000 }), (seed, pieces, size) => {
      const random = new SeededRandom(seed);
      writeFileSync(path, "");
      const descriptor = openSync(path, "r+");
      ftruncateSync(descriptor, size);
      for (let i = 0; i < pieces; i++) {
        const length = Math.min(random.below(70_000), size);
        writeSync(descriptor, random.bytes(length), 0, length, random.below(size - length + 1));
      }
      closeSync(descriptor);
      expect(readFile(path, 1 + random.below(300_000)).equals(readFileSync(path))).toBe(true);
    }),
    { seed: 1, numRuns: 40 },
  );
});

test("a file that is all hole is not read", () => {
  const path = join(temporary(), "file");
  writeFileSync(path, "");
  truncateSync(path, 64 << 20);
  const descriptor = openSync(path, "r");
  const before = readBytes();
  expect(readAll(new FileReader(descriptor, fstatSync(descriptor)), 1 << 20)).toHaveLength(64 << 20);
  expect(readBytes() - before).toBeLessThan(1 << 20);
  closeSync(descriptor);
});

/** What this process has read so far by system calls. */
function readBytes(): number {
  return Number(/^rchar: (\d+)/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

test("a pass over a file that grows ends where the file ended when it began", () => {
  const path = join(temporary(), "file");
  writeFileSync(path, "in the beginning");
  const descriptor = openSync(path, "r+");
  const reader = new FileReader(descriptor, fstatSync(descriptor));
  writeFileSync(path, " and more", { flag: "a" });
  expect(readAll(reader, 4).toString()).toBe("in the beginning");
  closeSync(descriptor);
});

test("a file that shrinks ends where it ends now", () => {
  const path = join(temporary(), "file");
  writeFileSync(path, "0123456789");
  const descriptor = openSync(path, "r");
  const reader = new FileReader(descriptor, fstatSync(descriptor));
  truncateSync(path, 4);
  expect(readAll(reader).toString()).toBe("0123");
  closeSync(descriptor);
});

test("files of the kernel, which say that they are empty, are read to their end", ({ skip }) => {
  skip(process.platform !== "linux", "there is no /proc");
  expect(statSync("/proc/cpuinfo").size).toBe(0);
  expect(readFile("/proc/cpuinfo").toString().split("\n")).toHaveLength(
    readFileSync("/proc/cpuinfo", "utf8").split("\n").length,
  );
});

test("bytes in memory are read in any portions", () => {
  assert(
    property(tuple(nat({ max: 1000 }), nat({ max: 300 })), ([length, atOnce]) => {
      const bytes = new SeededRandom(length).bytes(length);
      expect(readAll(new BytesReader(bytes), atOnce + 1).equals(bytes)).toBe(true);
    }),
    { seed: 1 },
  );
});
