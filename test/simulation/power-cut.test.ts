import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock, systemRandom } from "../../src/foundation/index.ts";
import { backup, check, listSnapshots, removeSnapshots, restore } from "../../src/operations/index.ts";
import { createRepository, openRepository, type Repository } from "../../src/repository/index.ts";
import { CrashingFileSystem, type FileSystem, FsStore, systemFileSystem } from "../../src/store/index.ts";
import { describeTree, makeTree } from "../end-to-end/tree.ts";

const scratch = mkdtempSync(join(tmpdir(), "plakar-power-cut-"));
const tree = join(scratch, "tree");
const pristine = join(scratch, "pristine");
let wanted: string[] = [];

function open(directory: string, fileSystem: FileSystem): Promise<Repository> {
  return openRepository({
    store: new FsStore(directory, { fileSystem }),
    passphrase: async () => new Uint8Array(),
    clock: systemClock,
    random: systemRandom,
    hostName: "test",
    cacheDirectory: undefined,
    onWarning: () => undefined,
  });
}

async function run(
  directory: string,
  fileSystem: FileSystem,
  work: (repository: Repository) => Promise<unknown>,
): Promise<void> {
  await work(await open(directory, fileSystem));
}

function takeSnapshot(repository: Repository): Promise<unknown> {
  return backup(repository, {
    paths: [tree],
    name: "default",
    category: "",
    environment: "",
    perimeter: "",
    job: "",
    tags: [],
    skipUnchanged: false,
    noXattr: false,
    padding: false,
    commandLine: "test",
    workers: 1,
    cache: "parent",
    progress: () => undefined,
  });
}

beforeAll(async () => {
  mkdirSync(tree);
  makeTree(tree);
  await createRepository({
    store: new FsStore(pristine),
    passphrase: null,
    hashing: "BLAKE3",
    compression: "LZ4",
    kdf: "default",
    clock: systemClock,
    random: systemRandom,
  });
  await run(pristine, systemFileSystem, takeSnapshot);
  wanted = describeTree(tree);
  writeFileSync(join(tree, "new since then"), systemRandom.bytes(200_000));
}, 60_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const interrupted: Readonly<Record<string, (repository: Repository) => Promise<unknown>>> = {
  backup: takeSnapshot,
  rm: async (repository) => {
    await repository.load();
    const [newest] = await listSnapshots(repository);
    return removeSnapshots(repository, { targets: [newest?.id ?? ""] });
  },
};

describe.each(["kept", "emptied", "torn"] as const)("when unsynced writes are %s", (lostWrites) => {
  test.each(Object.entries(interrupted))(
    "I-01 I-02 a power cut at any step of %s leaves older snapshots whole, and the next run succeeds",
    async (name, work) => {
      let stopAt = 0;
      let cut = true;
      while (cut) {
        stopAt++;
        const directory = join(scratch, `${lostWrites}-${name}-${stopAt}`);
        await cp(pristine, directory, { recursive: true });
        if (name === "rm") await run(directory, systemFileSystem, takeSnapshot); // the one that is removed
        const fileSystem = new CrashingFileSystem(systemFileSystem, { stopAt, lostWrites });
        cut = await run(directory, fileSystem, work).then(
          () => fileSystem.steps >= stopAt,
          () => true,
        );
        fileSystem.settle();
        await expectOldestWhole(directory, `${directory}-back`);
        await run(directory, systemFileSystem, takeSnapshot);
        await run(directory, systemFileSystem, async (repository) => {
          const report = await check(repository, {
            targets: ["latest"],
            fast: false,
            workers: 1,
            progress: () => undefined,
          });
          expect([stopAt, report.damaged]).toStrictEqual([stopAt, false]);
        });
        rmSync(directory, { recursive: true });
        rmSync(`${directory}-back`, { recursive: true });
      }
      process.stdout.write(`power cut: ${name}, unsynced writes ${lostWrites}: struck at ${stopAt - 1} points\n`);
      expect(stopAt).toBeGreaterThan(name === "rm" ? 4 : 14);
    },
    240_000,
  );
});

async function expectOldestWhole(directory: string, to: string): Promise<void> {
  await run(directory, systemFileSystem, async (repository) => {
    const oldest = (await listSnapshots(repository)).at(-1);
    const report = await restore(repository, {
      target: oldest?.id ?? "",
      to,
      skipPermissions: false,
      workers: 1,
      progress: () => undefined,
    });
    expect(report.failures).toStrictEqual([]);
  });
  expect(describeTree(to)).toStrictEqual(wanted);
}
