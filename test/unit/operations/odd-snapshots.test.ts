import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { asMac, type Mac, ResourceType } from "../../../src/format/index.ts";
import { type ByteString, fromBytes, fromText } from "../../../src/foundation/index.ts";
import { describeStore, listDirectory, listSnapshots, snapshotErrors } from "../../../src/operations/index.ts";
import { resolveTarget } from "../../../src/snapshot/index.ts";
import { damageBlob, damageDirectory } from "../../support/damage-blob.ts";
import { file, writeHostileSnapshot } from "../../support/hostile-snapshot.ts";
import type { InProcess } from "../../support/in-process.ts";
import { isRoot, temporaryDirectories } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();

let plakar: InProcess;
let tree = "";
beforeEach(async () => {
  ({ plakar, tree } = await makeSmallTree(temporary(), { a: "a", "sub/c": "c" }));
});

async function listed(target: string): Promise<ByteString[]> {
  const found: ByteString[] = [];
  for await (const { path } of listDirectory(await plakar.open(), target, { recursive: true })) found.push(path);
  return found;
}

async function failures(target: string): Promise<ByteString[]> {
  const found: ByteString[] = [];
  for await (const { path } of snapshotErrors(await plakar.open(), target)) found.push(path);
  return found;
}

describe("a recursive listing has everything", () => {
  test("whatever bytes names are made of", async () => {
    const names = [
      ...["line\nbreak", "\u001b[31m", " ", "-", "...", "\\x41", "ü", "e\u0301", "*", "n".repeat(255)].map((name) =>
        Buffer.from(name),
      ),
      ...[[0xff], [0xc3], [0xed, 0xa0, 0x80], [1], [127]].map((bytes) => Buffer.from(bytes)),
    ];
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${tree}/sub/`), name]), "");
    await plakar.backup(tree);
    const wanted = [...names.map((name) => `${tree}/sub/${fromBytes(name)}`), `${tree}/sub/c`].toSorted();
    expect(await listed("latest")).toStrictEqual([`${tree}/a`, `${tree}/sub`, ...wanted]);
  });

  test("down a path of four thousand bytes, of few steps or of many", async () => {
    for (const step of ["d".repeat(255), "d"]) {
      let path = join(tree, "sub");
      while (path.length + 1 + step.length < 4000) path = join(path, step);
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, "bottom"), "");
      await plakar.backup(tree);
      expect(await listed("latest")).toContain(`${path}/bottom`);
      expect(await listed(`latest:${path}`)).toStrictEqual([`${path}/bottom`]);
    }
  });

  test("below / and at the roots of several paths", async () => {
    await plakar.backup("", { paths: [join(tree, "sub"), "/proc/self/comm"] });
    const { view } = await resolveTarget(await plakar.loaded(), "latest");
    expect(view.root).toBe("/");
    const all = await listed("latest");
    expect(all).toStrictEqual(await listed("latest:/"));
    expect(all).toEqual(expect.arrayContaining([tree, `${tree}/sub`, `${tree}/sub/c`, "/proc"]));
    expect(all).not.toContain(`${tree}/a`);
  });
});

test("every error of a snapshot is listed, of several roots too", async ({ skip }) => {
  skip(!isRoot, "reads /proc/self/mem, which is a file that cannot be read");
  const report = await plakar.backup("", { paths: ["/proc/self/mem", "/proc/thread-self/mem", tree] });
  expect(report.failures.length).toBeGreaterThan(1);
  expect(await failures("latest")).toStrictEqual(report.failures.map(({ path }) => path).toSorted());
});

describe("damage is told with its path, and the rest is listed", () => {
  test("of a directory", async () => {
    mkdirSync(join(tree, "z"));
    await plakar.backup(tree);
    await damageDirectory(plakar, join(tree, "sub"));
    expect(await listed("latest")).toStrictEqual([`${tree}/a`, `${tree}/sub`, `${tree}/z`]);
    expect(plakar.warnings).toStrictEqual([expect.stringContaining(`${tree}/sub`)]);
  });

  test("of an item, in a snapshot of before there were listings", async () => {
    const hostile = new Map([["/", [file("a"), file("b"), file("c")]]]);
    await writeHostileSnapshot(await plakar.open(), hostile, { withoutListings: true });
    expect(await listed("latest:/")).toStrictEqual(["/a", "/b", "/c"]);
    const { view } = await resolveTarget(await plakar.loaded(), "latest");
    const entry = await view.entries.get("/b" as ByteString);
    await damageBlob(plakar, ResourceType.vfsEntry, entry as Mac);
    plakar.warnings.length = 0;
    expect(await listed("latest:/")).toStrictEqual(["/a", "/c"]);
    expect(plakar.warnings).toStrictEqual([expect.stringContaining("/b")]);
  });

  test("of a snapshot's header", async () => {
    const { snapshot } = await plakar.backup(tree);
    await plakar.backup(join(tree, "sub"));
    await damageBlob(plakar, ResourceType.snapshot, asMac(Buffer.from(snapshot ?? "", "hex")));
    expect(await listSnapshots(await plakar.open())).toMatchObject([{ root: `${tree}/sub` }]);
    expect(await describeStore(await plakar.open())).toMatchObject({ snapshots: 1 });
    for (const warning of plakar.warnings) expect(warning).toContain((snapshot ?? "").slice(0, 8));
    expect(plakar.warnings).toHaveLength(2);
  });

  test("of an error's record", async ({ skip }) => {
    skip(!isRoot, "reads /proc/self/mem, which is a file that cannot be read");
    await plakar.backup("", { paths: ["/proc/self/mem", "/proc/thread-self/mem", tree] });
    const all = await failures("latest");
    const { view } = await resolveTarget(await plakar.loaded(), "latest");
    const [first = fromText("")] = all;
    const record = await view.errors.get(first);
    if (record) await damageBlob(plakar, ResourceType.errorEntry, record);
    expect(await failures("latest")).toStrictEqual(all.slice(1));
    expect(plakar.warnings).toStrictEqual([expect.stringContaining(first)]);
  });
});
