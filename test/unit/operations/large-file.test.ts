/* Files that are cut by the main thread: what is stored must be what one worker alone would store. */
import { openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { LARGE_FILE_BYTES } from "../../../src/pipeline/large-file.ts";
import type { InProcess } from "../../support/in-process.ts";
import { temporaryDirectories } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();

let plakar: InProcess;
let tree = "";
let large = "";

beforeEach(async () => {
  ({ plakar, tree } = await makeSmallTree(temporary(), { a: "content of a" }));
  large = join(tree, "large.img");
  // noise, text, a hole, and the noise once more
  const noise = new SeededRandom(4).bytes(9 << 20);
  writeFileSync(large, noise);
  const file = openSync(large, "r+");
  writeSync(file, "much the same\n".repeat(700_000), 9 << 20);
  writeSync(file, noise, 0, noise.length, 30 << 20);
  truncateSync(large, LARGE_FILE_BYTES + (17 << 20) + 5);
});

test("all workers together store what one alone stores, block by block", async () => {
  const together = await plakar.backup(tree, { workers: 2 });
  expect(together).toMatchObject({ filesNew: 2, errors: 0, bytesRead: LARGE_FILE_BYTES + (17 << 20) + 5 + 12 });
  const alone = await plakar.backup(tree, { workers: 1, cache: "no" });
  expect(alone).toMatchObject({ filesNew: 2, errors: 0 });
  // nothing but a header and a state: not a single chunk, object, entry or tree is another
  expect(alone.bytesAdded).toBeLessThan(200_000);
  expect(await plakar.check()).toMatchObject({ damaged: false });
});

test("several of them at once are each stored as they are", async () => {
  const names = ["b.img", "c.img"].map((name) => join(tree, name));
  for (const [at, name] of names.entries()) writeFileSync(name, new SeededRandom(at + 10).bytes(LARGE_FILE_BYTES + at));
  expect(await plakar.backup(tree, { workers: 3 })).toMatchObject({ filesNew: 4, errors: 0 });
  const alone = await plakar.backup(tree, { workers: 1, cache: "no" });
  expect(alone).toMatchObject({ filesNew: 4, errors: 0 });
  expect(alone.bytesAdded).toBeLessThan(200_000);
  expect(await plakar.check()).toMatchObject({ damaged: false });
});
