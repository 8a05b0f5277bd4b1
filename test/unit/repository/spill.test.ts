import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { Spill } from "../../../src/repository/spill.ts";

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "plakar-spill-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** More than stays in memory. */
function parts(): Uint8Array[] {
  const random = new SeededRandom(5);
  return Array.from({ length: 24 }, (_, at) => random.bytes(at === 7 ? 0 : (1 << 20) - at * 13));
}

test("what is put aside comes back in any order, and its file has no name", () => {
  const directory = temporaryDirectory();
  const spill = new Spill(directory, new SeededRandom(1));
  const kept = parts();
  expect(kept.map((bytes) => spill.add(bytes))).toEqual([...kept.keys()]);
  for (const at of [...kept.keys()].toReversed()) expect(Buffer.compare(spill.get(at), kept[at] as Uint8Array)).toBe(0);
  expect(readdirSync(directory)).toEqual([]);
  spill.close();
});

test("what is put aside stays in memory where there can be no directory for it", () => {
  const file = join(temporaryDirectory(), "file");
  writeFileSync(file, "");
  for (const directory of [undefined, join(file, "below")]) {
    const spill = new Spill(directory, new SeededRandom(1));
    const kept = parts();
    for (const bytes of kept) spill.add(bytes);
    for (const [at, bytes] of kept.entries()) expect(spill.get(at)).toBe(bytes);
    spill.close();
  }
});
