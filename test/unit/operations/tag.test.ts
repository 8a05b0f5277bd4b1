import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { asMac, encodeHeader, ResourceType, type SnapshotId } from "../../../src/format/index.ts";
import { changeTags, listSnapshots, type TagReport } from "../../../src/operations/index.ts";
import { RepositoryWriter, trustedPacks } from "../../../src/repository/index.ts";
import { resolveTarget } from "../../../src/snapshot/index.ts";
import type { Store } from "../../../src/store/contract.ts";
import { createMemoryStore } from "../../../src/store/index.ts";
import { InProcess } from "../../support/in-process.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();

let store: Store;
let plakar: InProcess;
let id = "";

beforeEach(async () => {
  store = createMemoryStore();
  plakar = new InProcess(store);
  await plakar.create();
  const tree = join(temporary(), "tree");
  mkdirSync(tree);
  writeFileSync(join(tree, "file"), "content");
  id = (await plakar.backup(tree, { tags: ["old"] })).snapshot ?? "";
});

async function change(kind: "add" | "rm", ...tags: string[]): Promise<TagReport> {
  return await changeTags(await plakar.open(), { target: "latest", change: kind, tags });
}

/** The store, with another way to write. */
function withPut(put: Store["put"]): Store {
  const get = (target: Store, name: keyof Store): unknown => {
    const value = name === "put" ? put : target[name];
    return typeof value === "function" ? value.bind(target) : value;
  };
  return new Proxy(store, { get: (target, name) => get(target, name as keyof Store) });
}

const listed = async (): Promise<string[]> =>
  (await listSnapshots(await plakar.open())).map(({ tags }) => tags.join(","));

test("a change of tags leaves one snapshot, with the same files and fields", async () => {
  const before = await resolveTarget(await plakar.loaded(), id);
  const { after, tags } = await change("add", "keep", "old", "keep");
  expect(tags).toEqual(["old", "keep"]);
  const { view } = await resolveTarget(await plakar.loaded(), after);
  expect({ ...view.header, identifier: 0, tags: 0 }).toEqual({ ...before.view.header, identifier: 0, tags: 0 });
  expect(await listed()).toEqual(["old,keep"]);
  await change("rm", "old", "keep");
  expect(await listed()).toEqual([""]);
  expect((await plakar.check()).damaged).toBe(false);
});

test("a change that changes nothing makes no snapshot, and a tag that is not there is missed", async () => {
  expect(await change("add", "old")).toEqual({ before: id, after: id, tags: ["old"] });
  await expect(change("rm", "none")).rejects.toMatchObject({ code: "tag-not-found" });
});

test("a snapshot whose header names its signer is no longer signed afterwards, and that is told", async () => {
  const repository = await plakar.loaded();
  const { view } = await resolveTarget(repository, id);
  const identifier = asMac(new Uint8Array(32).fill(7));
  const signer = { identifier: new Uint8Array(16).fill(1), publicKey: new Uint8Array(32).fill(2) };
  const options = { snapshot: "07".repeat(32) as SnapshotId, padding: false };
  const writer = new RepositoryWriter(repository, options, await trustedPacks(repository));
  const header = { ...view.header, name: "signed", identifier, identity: signer };
  writer.putUnder(ResourceType.snapshot, identifier, encodeHeader(header));
  await writer.commit();
  const report = await changeTags(await plakar.open(), { target: "07070707", change: "add", tags: ["x"] });
  const successor = await resolveTarget(await plakar.loaded(), report.after);
  expect(successor.view.header.identity).toEqual({ identifier: new Uint8Array(16), publicKey: null });
  expect(plakar.warnings).toEqual(["snapshot 07070707 is signed: the new one will not be"]);
});

test("of two changes, the one that comes later is refused and leaves nothing behind", async () => {
  const late = await plakar.loaded();
  await change("add", "first");
  await expect(changeTags(late, { target: id, change: "add", tags: ["second"] })).rejects.toMatchObject({
    code: "tags-changed-meanwhile",
    kind: "conflict",
  });
  expect(await listed()).toEqual(["old,first"]);
});

test("of two changes whose commits cross, neither doubles the snapshot", async () => {
  let waiting: (() => void) | undefined;
  const meeting = withPut(async (kind, key, bytes) => {
    await store.put(kind, key, bytes);
    if (kind !== "states" || waiting === undefined) {
      if (kind === "states") await new Promise<void>((go) => (waiting = go));
      return;
    }
    waiting();
    waiting = () => undefined;
  });
  const both = await Promise.allSettled(
    ["first", "second"].map(async (tag) => {
      const repository = await plakar.open(meeting);
      return await changeTags(repository, { target: id, change: "add", tags: [tag] });
    }),
  );
  for (const result of both) {
    expect(result).toMatchObject({ status: "rejected", reason: { code: "tags-changed-meanwhile" } });
  }
  expect(await listed()).toEqual(["old"]);
});

test("a change that was stopped before the old snapshot was removed is told to the next one", async () => {
  let states = 0;
  const stopping = withPut(async (kind, key, bytes) => {
    if (kind === "states" && ++states === 2) throw new Error("power cut");
    await store.put(kind, key, bytes);
  });
  const stopped = changeTags(await plakar.open(stopping), { target: id, change: "add", tags: ["new"] });
  await expect(stopped).rejects.toThrow("power cut");
  expect((await listed()).toSorted()).toEqual(["old", "old,new"]);
  await expect(changeTags(await plakar.open(), { target: id, change: "add", tags: ["more"] })).rejects.toMatchObject({
    code: "tags-changed-meanwhile",
  });
});
