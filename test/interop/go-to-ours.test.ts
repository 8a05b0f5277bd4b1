import { appendFileSync, chmodSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromText } from "../../src/foundation/index.ts";
import { backup, lacks, list, snapshotIds } from "./commands.ts";
import {
  type Expected,
  expectContents,
  expectListing,
  expectNothingToFree,
  expectReadable,
  expectRestored,
  expectWhole,
  isText,
} from "./expectations.ts";
import { go } from "./oracle.ts";
import { backupOfNothingNew } from "./reuse.ts";
import { everyStore } from "./stores.ts";
import { differences, readTree } from "./tree-state.ts";
import { prepareWorkspace, type Workspace } from "./workspace.ts";

/** The first, then the second, of two snapshots that Go took; later ones are put in front. */
describe.each(everyStore)("Go's two snapshots in $title", (kind) => {
  let workspace: Workspace;
  const taken: Expected[] = [];
  const newest = (): Expected => taken[0] ?? { id: "none", state: new Map() };
  const ids = (): readonly string[] => taken.map(({ id }) => id);

  beforeAll(async () => {
    workspace = await prepareWorkspace(kind);
    for (const change of [() => undefined, changeTree]) {
      change(workspace.root);
      const { id } = await backup(go, workspace.store, workspace.root);
      taken.unshift({ id, state: readTree(workspace.rootBytes) });
    }
  });
  afterAll(() => workspace.remove());

  test("are listed by us, newest first, with every item of theirs", async () => {
    expect(await snapshotIds(workspace.ours, workspace.store)).toEqual(ids());
    for (const expected of taken) await expectListing(workspace.ours, workspace, expected);
  });

  test("are whole for our check", async () => {
    await expectWhole(workspace.ours, workspace);
  });

  test("are read by us byte for byte", async () => {
    for (const expected of taken) await expectContents(workspace.ours, workspace, expected);
  });

  test("are read by us byte for byte where a name is no text, too", async () => {
    for (const expected of taken) {
      await expectContents(workspace.ours, workspace, expected, (path) => !isText(path));
    }
  });

  test("are restored by us with contents, modes, owners, times, links, FIFOs and attributes", async () => {
    for (const expected of taken) await expectRestored(workspace.ours, workspace, expected);
  });

  test("are restored by us with the directories above their root, of which no attributes are saved", async () => {
    const target = workspace.freshPath();
    await workspace.ours.run(["at", workspace.store, "restore", "-to", target, `${newest().id}:/`]);
    const above = dirname(workspace.root);
    const restored = readTree(fromText(join(target, above)));
    const found = differences(readTree(fromText(above)), restored, {
      ignored: (path) => (path === "" ? ["attributes"] : []),
    });
    expect(found.slice(0, 10)).toEqual([]);
  });

  test("have the same paths for both programs, from / on", async () => {
    const target = `${newest().id}:/`;
    const ofGo = await list(go, workspace.store, target);
    const ofOurs = await list(workspace.ours, workspace.store, target);
    expect(ofOurs.size).toBe(ofGo.size);
    expect(plain(ofOurs.keys())).toEqual(plain(ofGo.keys()));
  });

  test("are described by our info with the store's id and their own", async () => {
    const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
    const { store, ours, root } = workspace;
    const ofGo = (await go.run(["at", store, "info"])).stdout.toString();
    const ofOurs = (await ours.run(["at", store, "info"])).stdout.toString();
    expect(uuid.exec(ofOurs)?.[0]).toBe(uuid.exec(ofGo)?.[0]);
    for (const { id } of taken) {
      const described = (await ours.run(["at", store, "info", id])).stdout.toString();
      expect(described).toContain(id);
      expect(described).toContain(root);
    }
  });

  test("are the parents of our next one, which reads nothing and is whole for Go", async () => {
    const { state } = newest();
    taken.unshift({ id: await backupOfNothingNew(workspace, state), state });
    await expectReadable(go, workspace, newest());
    await expectNothingToFree(go, workspace);
    expect(await snapshotIds(go, workspace.store)).toEqual(ids());
  });

  test("and our next one survive our maintenance", async ({ skip }) => {
    const reason = await lacks(workspace.ours, "maintenance");
    skip(reason !== undefined, reason);
    await workspace.ours.run(["at", workspace.store, "maintenance"]);
    await expectWhole(workspace.ours, workspace);
    await expectWhole(go, workspace);
    for (const expected of taken) await expectContents(go, workspace, expected);
  });

  test("and our next one are followed by another of Go's, which is whole for both", async () => {
    changeTree(workspace.root);
    const { id } = await backup(go, workspace.store, workspace.root);
    taken.unshift({ id, state: readTree(workspace.rootBytes) });
    await expectReadable(go, workspace, newest());
    await expectWhole(workspace.ours, workspace);
    await expectNothingToFree(go, workspace);
    await expectRestored(workspace.ours, workspace, newest());
  });
});

/** Each program has its own way to print what is no printable text. */
function plain(paths: Iterable<string>): readonly string[] {
  return [...paths].filter((path) => /^[ -~]+$/.test(path) && !/new.+line|\\x/.test(path)).toSorted();
}

/** A longer file, a new one, one less, and a new mode. */
function changeTree(root: string): void {
  appendFileSync(join(root, "text.txt"), "one more line\n");
  writeFileSync(join(root, `new-${process.hrtime.bigint()}`), "new");
  rmSync(join(root, "many", "f30"), { force: true });
  chmodSync(join(root, "one-byte"), 0o604);
}
