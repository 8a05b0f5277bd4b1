import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { createMemoryStore } from "../../../src/store/index.ts";
import { InProcess } from "../../support/in-process.ts";
import { SlowStore } from "../../support/slow-store.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();
const FILES = 1000;
const LATENCY_MS = 50;
const store = createMemoryStore();
const plakar = new InProcess(store);

beforeAll(async () => {
  await plakar.create();
  const tree = join(temporary(), "tree");
  mkdirSync(tree);
  for (let file = 0; file < FILES; file++)
    writeFileSync(join(tree, `file-${file}`), new SeededRandom(file).bytes(500 + 3 * file));
  await plakar.backup(tree);
});

test("a restore of 1,000 files of one directory from a store far away makes fewer than 60 requests", async () => {
  const far = new SlowStore(store, LATENCY_MS);
  const report = await new InProcess(far).restore("latest", temporary());
  expect(report).toMatchObject({ files: FILES, failures: [] });
  expect(far.requests.length).toBeLessThan(60);
});

test("a check of them makes fewer than 60 requests, and verifies each packfile by one", async () => {
  const far = new SlowStore(store, LATENCY_MS);
  expect(await new InProcess(far).check()).toMatchObject({ damaged: false });
  const whole = far.requests.filter((request) => request.startsWith("get packfiles") && request.endsWith(" whole"));
  expect(whole).toHaveLength((await store.list("packfiles")).length);
  expect(far.requests.length).toBeLessThan(60);
});
