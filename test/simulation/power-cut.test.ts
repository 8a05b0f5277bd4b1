import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isPlakarError, systemClock, systemRandom, toHex } from "../../src/foundation/index.ts";
import { backup, changeTags, check, listSnapshots, removeSnapshots, restore } from "../../src/operations/index.ts";
import { createRepository, openRepository, type Repository } from "../../src/repository/index.ts";
import {
  FaultyFileSystem,
  type FileSystem,
  failsAt,
  openFsStore,
  type PowerCut,
  SimulatedDisk,
  stopsAt,
} from "../../src/store/index.ts";
import { backupOptions } from "../support/in-process.ts";
import { describeTree, makeTree } from "../support/tree.ts";

const scratch = mkdtempSync(join(tmpdir(), "plakar-power-cut-"));
const tree = join(scratch, "tree");
const pristine = new SimulatedDisk();
let wanted: string[] = [];

function open(fileSystem: FileSystem): Promise<Repository> {
  return openRepository({
    store: openFsStore("/store", { fileSystem }),
    passphrase: async () => new Uint8Array(),
    clock: systemClock,
    random: systemRandom,
    hostName: "test",
    cacheDirectory: undefined,
    onWarning: () => undefined,
    onDamage: (error) => {
      throw error;
    },
  });
}

async function run(fileSystem: FileSystem, work: (repository: Repository) => Promise<unknown>): Promise<void> {
  await work(await open(fileSystem));
}

function takeSnapshot(repository: Repository): Promise<unknown> {
  return backup(repository, { ...backupOptions, paths: [tree] });
}

beforeAll(async () => {
  mkdirSync(tree);
  makeTree(tree);
  await createRepository({
    store: openFsStore("/store", { fileSystem: pristine }),
    passphrase: null,
    hashing: "BLAKE3",
    compression: "LZ4",
    kdf: "default",
    clock: systemClock,
    random: systemRandom,
  });
  await run(pristine, takeSnapshot);
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

/** Of a change of tags that fails half-way both snapshots may be there, so that it is only stopped. */
const stopped = {
  ...interrupted,
  tag: (repository: Repository) => changeTags(repository, { target: "latest", change: "add", tags: ["kept"] }),
};

const nothingLost: PowerCut = { contents: "kept", names: "kept" };
const cuts: readonly PowerCut[] = [
  nothingLost, // what a kill leaves
  { contents: "lost", names: "lost" },
  { contents: "lost", names: "kept" },
  { contents: "torn", names: "kept" },
  { contents: "zeroed", names: "kept" },
  ...[1, 2, 3, 4].map((seed): PowerCut => ({ contents: "any", names: "any", seed })),
];

test.each(Object.entries(stopped))(
  "I-01 I-02 %s that is stopped at any step leaves older snapshots whole, and the next run succeeds",
  async (name, work) => {
    const tried = new Set<string>();
    let stopAt = 0;
    let cut = true;
    while (cut) {
      stopAt++;
      const disk = pristine.afterPowerCut(nothingLost);
      if (name === "rm") await run(disk, takeSnapshot); // the one that is removed
      const fileSystem = new FaultyFileSystem(disk, stopsAt(stopAt));
      cut = await run(fileSystem, work).then(
        () => fileSystem.steps.length >= stopAt,
        () => true,
      );
      for (const powerCut of cuts) {
        const survivor = disk.afterPowerCut(powerCut);
        // at most steps a cut leaves what another one left
        const left = await fingerprint(survivor, "/store");
        if (!tried.has(left)) await expectUsable(survivor, `step ${stopAt}, ${JSON.stringify(powerCut)}`);
        tried.add(left);
      }
    }
    process.stdout.write(`${name} was stopped at ${stopAt - 1} steps, which left ${tried.size} different disks\n`);
    expect(stopAt).toBeGreaterThan(name === "rm" ? 4 : 10);
  },
  480_000,
);

test.each(Object.entries(interrupted))(
  "I-01 I-02 %s of which any step fails says so, or does without it, and leaves the store whole",
  async (name, work) => {
    const tried = new Set<string>();
    let failing = 0;
    let refused = 0;
    let struck = true;
    while (struck) {
      failing++;
      for (const code of ["EIO", "ENOSPC"]) {
        const disk = pristine.afterPowerCut(nothingLost);
        if (name === "rm") await run(disk, takeSnapshot);
        const fileSystem = new FaultyFileSystem(disk, failsAt(failing, code));
        const before = await visibleSnapshots(disk);
        const error = await run(fileSystem, work).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        struck = fileSystem.steps.length >= failing;
        const moment = `step ${failing}, ${fileSystem.steps[failing - 1]?.name}, ${code}`;
        if (error !== undefined) {
          refused++;
          expect([moment, isPlakarError(error)]).toStrictEqual([moment, true]);
          // once it is visible, all that can fail is the promise that it stays so
          if (fileSystem.steps[failing - 1]?.name !== "fsync-directory")
            expect([moment, await visibleSnapshots(disk)]).toStrictEqual([moment, before]);
        }
        const left = await fingerprint(disk, "/store");
        if (!tried.has(left)) await expectUsable(disk, moment);
        tried.add(left);
      }
    }
    process.stdout.write(
      `${name} failed at ${failing - 1} steps and was refused ${refused} times, ${tried.size} different disks\n`,
    );
    expect(refused).toBeGreaterThan(name === "rm" ? 4 : 14);
  },
  480_000,
);

async function visibleSnapshots(disk: FileSystem): Promise<string[]> {
  return (await listSnapshots(await open(disk))).map(({ id }) => id);
}

/** Tells disks apart, but not by the names of temporary files, which are chosen by chance. */
async function fingerprint(disk: FileSystem, directory: string): Promise<string> {
  const lines: string[] = [];
  for (const { name, isDirectory } of await disk.list(directory)) {
    const path = join(directory, name);
    const shown = name.startsWith("tmp.") ? "tmp" : name;
    lines.push(`${shown} ${isDirectory ? await fingerprint(disk, path) : toHex(await digest(disk, path))}`);
  }
  return lines.length === 0 ? "" : toHex(createHash("sha256").update(lines.toSorted().join("\n")).digest());
}

async function digest(disk: FileSystem, path: string): Promise<Uint8Array> {
  const file = await disk.open(path);
  const bytes = new Uint8Array(await file.sizeBytes());
  await file.read(bytes, 0);
  return createHash("sha256").update(bytes).digest();
}

async function expectUsable(disk: FileSystem, moment: string): Promise<void> {
  const to = join(scratch, "back");
  await expectOldestWhole(disk, to);
  await run(disk, takeSnapshot);
  await run(disk, async (repository) => {
    const report = await check(repository, { targets: ["latest"], fast: false, workers: 1, progress: () => undefined });
    expect([moment, report.damaged]).toStrictEqual([moment, false]);
  });
  rmSync(to, { recursive: true });
}

async function expectOldestWhole(disk: FileSystem, to: string): Promise<void> {
  await run(disk, async (repository) => {
    const oldest = (await listSnapshots(repository)).at(-1);
    const report = await restore(repository, {
      targets: [oldest?.id ?? ""],
      to,
      skipPermissions: false,
      workers: 1,
      progress: () => undefined,
    });
    expect(report.failures).toStrictEqual([]);
  });
  expect(describeTree(to)).toStrictEqual(wanted);
}
