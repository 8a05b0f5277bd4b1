import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type ByteString,
  fromText,
  PlakarError,
  type ProgressListener,
  SeededRandom,
} from "../../../src/foundation/index.ts";
import { backup, describeSnapshot, listSnapshots, snapshotErrors } from "../../../src/operations/index.ts";
import { withFaults } from "../../../src/store/index.ts";
import { setExtendedAttribute } from "../../../src/system/index.ts";
import { backupOptions, type InProcess } from "../../support/in-process.ts";
import { describeTree } from "../../support/tree.ts";
import { isRoot, noAttributes, temporaryDirectories } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();
const LARGE_BYTES = 3_000_000;

let plakar: InProcess;
let above = "";
let tree = "";

beforeEach(async () => {
  ({ plakar, above, tree } = await makeSmallTree(temporary(), {
    a: "content of a",
    b: "content of b",
    "sub/c": "content of sub/c",
  }));
  writeFileSync(join(tree, "large"), Buffer.alloc(LARGE_BYTES, "not quite the same "));
  symlinkSync("a", join(tree, "link"));
});

/** Ids of the files of a kind in the store. */
async function stored(kind: "packfiles" | "states" | "locks"): Promise<string[]> {
  return (await plakar.store.list(kind)).map(({ id }) => id);
}

describe("a backup after another", () => {
  beforeEach(async () => {
    await plakar.backup(tree);
  });

  test("reads no byte of what has not changed", async () => {
    expect(await plakar.backup(tree)).toMatchObject({
      ...{ filesNew: 0, filesChanged: 0, filesUnchanged: 4, bytesRead: 0, errors: 0 },
      totalBytes: LARGE_BYTES + 12 + 12 + 16,
    });
  });

  test("reads what changed and what is new, and counts each", async () => {
    writeFileSync(join(tree, "a"), "another content of a");
    writeFileSync(join(tree, "sub", "new"), "new");
    rmSync(join(tree, "b"));
    expect(await plakar.backup(tree)).toMatchObject({
      ...{ filesNew: 1, filesChanged: 1, filesUnchanged: 2, bytesRead: 20 + 3 },
    });
  });

  test("reads a file again whose time alone changed, and stores none of it again", async () => {
    utimesSync(join(tree, "large"), 1, 1);
    const report = await plakar.backup(tree);
    expect(report).toMatchObject({ filesChanged: 1, filesUnchanged: 3, bytesRead: LARGE_BYTES });
    expect(report.bytesAdded).toBeLessThan(80 * 1024);
  });

  test("reads everything where it must not look at the parent", async () => {
    const report = await plakar.backup(tree, { cache: "no" });
    expect(report).toMatchObject({ parent: null, filesNew: 4, filesUnchanged: 0, bytesRead: LARGE_BYTES + 40 });
    expect(report.bytesAdded).toBeLessThan(80 * 1024);
  });

  test("does not take another directory's snapshot for its parent", async () => {
    expect(await plakar.backup(join(tree, "sub"))).toMatchObject({ parent: null, filesNew: 1 });
  });

  test("compares with the last snapshot of the same paths, where another of the same root came between", async () => {
    const part = [join(tree, "a"), join(tree, "sub")];
    const whole = (await plakar.backup(tree)).snapshot;
    const ofPart = await plakar.backup(part[0] ?? "", { paths: part });
    // a part has no other to compare with than the whole, the first time
    expect(ofPart).toMatchObject({ parent: whole, filesUnchanged: 2, bytesRead: 0 });
    expect(await plakar.backup(tree)).toMatchObject({ parent: whole, filesNew: 0, filesUnchanged: 4, bytesRead: 0 });
    expect(await plakar.backup("", { paths: part.toReversed() })).toMatchObject({ parent: ofPart.snapshot });
  });

  test("tells many paths from others without keeping them all", async () => {
    const names = Array.from({ length: 120 }, (_, at) => `${"n".repeat(40)}${at}`);
    for (const name of names) writeFileSync(join(tree, name), name);
    const paths = names.map((name) => join(tree, name));
    const first = await plakar.backup("", { paths });
    const second = await plakar.backup("", { paths: paths.slice(1) });
    expect(await plakar.backup("", { paths })).toMatchObject({ parent: first.snapshot, filesNew: 0 });
    expect(await plakar.backup("", { paths: paths.slice(1) })).toMatchObject({ parent: second.snapshot, filesNew: 0 });
    const { header } = await describeSnapshot(await plakar.loaded(), first.snapshot ?? "");
    const [asked] = (header.context ?? []).filter(({ key }) => key === "Paths");
    expect(asked?.value).toMatch(/^120 paths, [0-9a-f]{32}$/);
  });

  test("reads again what lies in a packfile that is gone, and is whole then", async () => {
    for (const id of await stored("packfiles")) await plakar.store.delete("packfiles", id);
    // without its header the parent is no parent
    const report = await plakar.backup(tree);
    expect(report).toMatchObject({ parent: null, filesNew: 4 });
    expect(plakar.warnings).not.toStrictEqual([]);
    // the store has lost something, which is said; the new snapshot has not
    const checked = await plakar.check(report.snapshot ?? "");
    expect(checked).toMatchObject({ damaged: false, snapshots: [{ id: report.snapshot, problems: [] }] });
    expect(checked.notes).toStrictEqual([expect.stringContaining("need nothing of it any more")]);
    expect((await plakar.check()).storeProblems.map(({ code }) => code)).toContain("packfile-missing");
    const back = join(above, "back");
    expect(await plakar.restore(report.snapshot ?? "", back)).toMatchObject({ failures: [] });
    expect(describeTree(back)).toStrictEqual(describeTree(tree));
  });

  test("is no snapshot with -skip-unchanged while nothing changes", async () => {
    const states = await stored("states");
    utimesSync(above, 1, 1); // what lies above is not the user's subject
    expect(await plakar.backup(tree, { skipUnchanged: true })).toMatchObject({ snapshot: null, bytesAdded: 0 });
    expect(await stored("states")).toStrictEqual(states);
  });

  test.each<[string, () => void]>([
    ["a file's content", () => writeFileSync(join(tree, "a"), "something else")],
    ["a file's time", () => utimesSync(join(tree, "a"), 1, 1)],
    ["the root's time", () => utimesSync(tree, 1, 1)],
    ["what there is", () => rmSync(join(tree, "sub", "c"))],
    ["a new empty directory", () => mkdirSync(join(tree, "sub", "empty"))],
    [
      "where a link points",
      () => {
        rmSync(join(tree, "link"));
        symlinkSync("b", join(tree, "link"));
      },
    ],
  ])("is a snapshot with -skip-unchanged when %s changed", async (_what, change) => {
    change();
    expect((await plakar.backup(tree, { skipUnchanged: true })).snapshot).not.toBeNull();
  });

  test("is a snapshot with -skip-unchanged when an attribute changed and nothing else", async ({ skip }) => {
    const reason = noAttributes(above);
    skip(reason !== undefined, reason);
    const path = fromText(join(tree, "a"));
    const set = (value: string): void => setExtendedAttribute(path, "user.x" as ByteString, Buffer.from(value));
    set("one");
    await plakar.backup(tree);
    set("two");
    const report = await plakar.backup(tree, { skipUnchanged: true });
    expect(report.snapshot).not.toBeNull();
  });
});

test("a dry run says what would be added, and adds nothing", async () => {
  const before = [await stored("packfiles"), await stored("states"), await stored("locks")];
  const report = await plakar.backup(tree, { dryRun: true });
  expect(report).toMatchObject({ snapshot: null, filesNew: 4, bytesRead: LARGE_BYTES + 40 });
  expect(report.bytesAdded).toBeGreaterThan(0);
  expect([await stored("packfiles"), await stored("states"), await stored("locks")]).toStrictEqual(before);
});

test("tags, name and time are those that were given", async () => {
  await plakar.backup(tree, { tags: ["x", "y"], name: "nightly", job: "j", timestampNs: 1_000_000_000_000_000_007n });
  const [listed] = await listSnapshots(await plakar.open());
  expect(listed).toMatchObject({
    tags: ["x", "y"],
    name: "nightly",
    job: "j",
    timestampNs: 1_000_000_000_000_000_007n,
  });
});

test("I-05 an item that cannot be read is in the report and in the snapshot, which is whole without it", async ({
  skip,
}) => {
  skip(!isRoot, "reads /proc/self/mem, which is a file that cannot be read");
  const report = await plakar.backup("/proc/self/mem");
  expect(report).toMatchObject({ errors: 1, failures: [{ path: expect.stringMatching(/mem$/) }] });
  const recorded: unknown[] = [];
  for await (const failure of snapshotErrors(await plakar.open(), "")) recorded.push(failure);
  expect(recorded).toStrictEqual(report.failures);
  const checked = await plakar.check();
  expect(checked).toMatchObject({ damaged: false, snapshots: [{ partial: true, problems: [] }] });
});

describe("a backup that is stopped", () => {
  test.each(["backing up", "writing the index", "committing"])(
    "while %s leaves no snapshot and no lock",
    async (moment) => {
      const stop = new AbortController();
      const progress = (event: { type: string; phase?: string }): void => {
        if (event.type === "phase" && event.phase === moment) stop.abort();
      };
      const run = plakar.backup(tree, { progress, signal: stop.signal });
      // once the commit has begun it is the shorter way out: a header without its state would look like a loss
      if (moment === "committing") await run;
      else await expect(run).rejects.toMatchObject({ kind: "interrupted" });
      expect(await stored("locks")).toStrictEqual([]);
      expect(await stored("states")).toHaveLength(moment === "committing" ? 1 : 0);
      expect(await plakar.backup(tree)).toMatchObject({ errors: 0 });
      expect(await plakar.check()).toMatchObject({ damaged: false });
    },
  );

  test("in the middle of a directory leaves no failure that nobody awaits, and no lock", async () => {
    // more than the workers take at once, so that the walk waits in the directory
    const random = new SeededRandom(1);
    for (let index = 0; index < 60; index++) writeFileSync(join(tree, `file-${index}`), random.bytes(1_000_000));
    const forgotten: unknown[] = [];
    const note = (reason: unknown): number => forgotten.push(reason);
    process.on("unhandledRejection", note);
    try {
      for (const after of [1, 5, 15, 30]) {
        const stop = new AbortController();
        let files = 0;
        const progress: ProgressListener = ({ type }) => {
          if (type === "progress" && ++files === after)
            stop.abort(new PlakarError("interrupted", "stop", { kind: "interrupted" }));
        };
        const run = plakar.backup(tree, { progress, signal: stop.signal, workers: 2 });
        await expect(run).rejects.toMatchObject({ code: "interrupted" });
        await new Promise((next) => setImmediate(next));
      }
    } finally {
      process.off("unhandledRejection", note);
    }
    expect(forgotten).toStrictEqual([]);
    expect(await stored("locks")).toStrictEqual([]);
    expect(await stored("states")).toStrictEqual([]);
  });

  test("by a store that is full says so, and leaves no snapshot and no lock", async () => {
    const full = new PlakarError("store-full", "no space left on device", { kind: "full" });
    const repository = await plakar.open(
      withFaults(plakar.store, ({ name, kind }) =>
        name === "put" && kind === "packfiles" ? { fault: "error", error: full } : undefined,
      ),
    );
    await expect(backup(repository, { ...backupOptions, paths: [tree] })).rejects.toMatchObject({ kind: "full" });
    expect(await stored("locks")).toStrictEqual([]);
    expect(await stored("states")).toStrictEqual([]);
  });
});
