import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "../../../src/foundation/index.ts";
import { listDirectory, listSnapshots, readFile, removeSnapshots } from "../../../src/operations/index.ts";
import { resolveTarget } from "../../../src/snapshot/index.ts";
import { createMemoryStore } from "../../../src/store/index.ts";
import { InProcess } from "../../support/in-process.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();

let plakar: InProcess;
let tree = "";
/** Oldest first. */
let ids: string[] = [];

beforeEach(async () => {
  const clock = new FakeClock();
  plakar = new InProcess(createMemoryStore(), { clock });
  await plakar.create();
  tree = join(temporary(), "tree");
  mkdirSync(join(tree, "sub"), { recursive: true });
  ids = [];
  for (const content of ["one", "two", "three"]) {
    writeFileSync(join(tree, "sub", "file"), content);
    ids.push((await plakar.backup(tree)).snapshot ?? "");
    clock.advanceMs(60_000);
  }
});

const listed = async (): Promise<string[]> =>
  (await listSnapshots(await plakar.open())).map(({ id }) => id).toReversed();

async function read(target: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of readFile(await plakar.open(), target)) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe("a snapshot and a path", () => {
  test("are named by the beginning of an id, as latest, or by nothing", async () => {
    expect(await read(`${ids[0]}:sub/file`)).toBe("one");
    expect(await read(`${ids[1]?.slice(0, 8)}:sub/file`)).toBe("two");
    expect(await read(`${ids[1]?.slice(0, 8).toUpperCase()}:sub/file`)).toBe("two");
    for (const name of ["latest", ""]) expect(await read(`${name}:sub/file`)).toBe("three");
  });

  test("are relative to the root, or absolute, and never lead out", async () => {
    for (const path of [`${tree}/sub/file`, "sub/../sub/./file", "sub//file", `/..${tree}/sub/file`])
      expect(await read(`latest:${path}`)).toBe("three");
    await expect(read("latest:../../../../../../../../etc/passwd")).rejects.toMatchObject({ code: "path-not-found" });
  });

  test("say what is wrong with them", async () => {
    await expect(read("latest")).rejects.toMatchObject({ code: "not-a-file", kind: "input" });
    await expect(read("latest:sub")).rejects.toMatchObject({ code: "not-a-file", kind: "input" });
    await expect(read("latest:none")).rejects.toMatchObject({ code: "path-not-found", kind: "missing" });
    for (const name of ["ffff0000", "zz", "latest2", "%"])
      await expect(read(`${name}:sub/file`)).rejects.toMatchObject({ code: "snapshot-not-found", kind: "missing" });
  });

  test("are ambiguous when several ids begin so", async () => {
    // seventeen ids have two that begin with the same digit
    for (let more = ids.length; more < 17; more++) await plakar.backup(tree);
    const repository = await plakar.loaded();
    const digits = (await listed()).map((id) => id.slice(0, 1));
    const twice = digits.find((digit, at) => digits.indexOf(digit) !== at) ?? "";
    await expect(resolveTarget(repository, twice)).rejects.toMatchObject({
      code: "snapshot-ambiguous",
      kind: "input",
      advice: expect.stringContaining("more digits"),
    });
  });

  test("of an empty store are missing", async () => {
    const empty = new InProcess(createMemoryStore());
    await empty.create();
    await expect(resolveTarget(await empty.loaded(), "latest")).rejects.toMatchObject({ code: "snapshot-not-found" });
  });
});

describe("listing", () => {
  test("is by time, newest first, whatever order states are stored in", async () => {
    expect(await listed()).toStrictEqual(ids);
    const early = await plakar.backup(tree, { timestampNs: 1n });
    expect(await listed()).toStrictEqual([early.snapshot, ...ids]);
  });

  test("of a directory has what lies in it, below it when recursive, or the one item", async () => {
    const paths = async (target: string, recursive: boolean): Promise<string[]> => {
      const found: string[] = [];
      for await (const { path } of listDirectory(await plakar.open(), target, { recursive })) found.push(path);
      return found;
    };
    expect(await paths("latest", false)).toStrictEqual([`${tree}/sub`]);
    expect(await paths("latest", true)).toStrictEqual([`${tree}/sub`, `${tree}/sub/file`]);
    expect(await paths("latest:sub", false)).toStrictEqual([`${tree}/sub/file`]);
    expect(await paths("latest:sub/file", false)).toStrictEqual([`${tree}/sub/file`]);
    expect(await paths("latest:/", false)).toStrictEqual([`/${tree.split("/")[1]}`]);
  });
});

describe("removing", () => {
  const remove = async (...targets: readonly string[]): Promise<readonly string[]> =>
    removeSnapshots(await plakar.open(), { targets });

  test("takes what is named and leaves the others whole", async () => {
    expect(await remove(ids[1] ?? "", "latest")).toStrictEqual([ids[1], ids[2]]);
    expect(await listed()).toStrictEqual([ids[0]]);
    expect(await read("latest:sub/file")).toBe("one");
    expect(await plakar.check()).toMatchObject({ damaged: false, storeProblems: [] });
    await expect(remove(ids[1] ?? "")).rejects.toMatchObject({ code: "snapshot-not-found" });
  });

  test("takes none when one of them is not there", async () => {
    await expect(remove(ids[0] ?? "", "ffff0000")).rejects.toMatchObject({ code: "snapshot-not-found" });
    expect(await listed()).toStrictEqual(ids);
  });

  test("refuses paths, and nothing at all", async () => {
    await expect(remove(`${ids[0]}:sub`)).rejects.toMatchObject({ code: "not-a-snapshot", kind: "input" });
    await expect(remove()).rejects.toMatchObject({ code: "nothing-selected", kind: "input" });
    expect(await listed()).toStrictEqual(ids);
  });

  test("the same one twice in a line removes it once", async () => {
    expect(await remove(ids[0] ?? "", ids[0]?.slice(0, 12) ?? "")).toStrictEqual([ids[0]]);
  });
});
