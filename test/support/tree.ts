import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fromBytes, SeededRandom } from "../../src/foundation/index.ts";
import { getExtendedAttribute, listExtendedAttributes } from "../../src/system/index.ts";

/** A small tree with one of everything. */
export function makeTree(directory: string, seed: number = 1): void {
  const random = new SeededRandom(seed);
  const at = (...names: string[]): string => join(directory, ...names);
  mkdirSync(at("deep", "er", "est"), { recursive: true });
  writeFileSync(at("empty"), "");
  writeFileSync(at("text.txt"), "some text\n".repeat(1000));
  writeFileSync(at("random.bin"), random.bytes(3_000_000));
  writeFileSync(at("deep", "er", "est", "file"), "at the bottom");
  mkdirSync(at("many"));
  for (let i = 0; i < 120; i++) writeFileSync(at("many", `file-${i}`), random.bytes(random.below(2000)));
  mkdirSync(at("hollow"));
  writeFileSync(at("mode"), "x");
  chmodSync(at("mode"), 0o4751);
  linkSync(at("text.txt"), at("text-again.txt"));
  symlinkSync("text.txt", at("link"));
  symlinkSync("nowhere/at/all", at("dangling"));
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/not-utf8-`), Buffer.from([0xff, 0xfe])]), "bytes");
  writeFileSync(at("emoji 🦊 and spaces"), "fox");
  writeFileSync(at("n".repeat(200)), "long name");
  writeFileSync(at("old"), "before 1970");
  utimesSync(at("old"), -1_000_000, -1_000_000.5);
  execFileSync("mkfifo", [at("fifo")]);
}

/** Everything that must come back, one line an item, sorted. */
export function describeTree(directory: string): string[] {
  const lines: string[] = [];
  const walk = (below: Buffer): void => {
    for (const name of readdirSync(below, { encoding: "buffer" }).toSorted(Buffer.compare)) {
      const path = Buffer.concat([below, Buffer.from("/"), name]);
      const stat = lstatSync(path, { bigint: true });
      const content = stat.isFile()
        ? createHash("sha256").update(readFileSync(path)).digest("hex")
        : stat.isSymbolicLink()
          ? readlinkSync(path)
          : "";
      const shown = path.subarray(directory.length).toString("latin1");
      const size = stat.isFile() ? stat.size : 0n;
      lines.push(
        [
          shown,
          stat.mode.toString(8),
          stat.uid,
          stat.gid,
          stat.mtimeNs,
          size,
          stat.isFile() ? stat.nlink : 0n,
          content,
          ...attributesOf(path),
        ].join(" "),
      );
      if (stat.isDirectory()) walk(path);
    }
  };
  walk(Buffer.from(directory));
  return lines;
}

/** `name=value` in hex, sorted; none where the file system has none. */
function attributesOf(path: Buffer): string[] {
  const target = fromBytes(path);
  try {
    return listExtendedAttributes(target).map(
      (name) => `${name}=${Buffer.from(getExtendedAttribute(target, name)).toString("hex")}`,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTSUP") return [];
    throw error;
  }
}
