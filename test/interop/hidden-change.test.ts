import { lstatSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromText } from "../../src/foundation/index.ts";
import { setModifiedTime } from "../../src/system/index.ts";
import type { Plakar } from "./command-line.ts";
import { backup, readFiles, soundly } from "./commands.ts";
import { go } from "./oracle.ts";
import { twoStores } from "./stores.ts";
import { noise } from "./tree.ts";
import { prepareWorkspace, type Workspace } from "./workspace.ts";

const NAME = "random.bin";

/**
 * A file whose content changes while its size and time do not is taken over from the parent. Nobody wants that, but it
 * shows without looking into either program that the parent's entry was found and believed.
 */
describe.each(twoStores)("a file of $title that changes behind its time", (kind) => {
  let workspace: Workspace;
  const first = noise(1, 3_000_000);
  const second = noise(7, 3_000_000);
  const third = noise(8, 3_000_000);

  const contentIn = async (plakar: Plakar, id: string): Promise<Buffer> =>
    await readFiles(plakar, { store: workspace.store, id, root: workspace.rootBytes }, [fromText(NAME)]);
  const writeHidden = (content: Uint8Array): void => {
    const path = join(workspace.root, NAME);
    const { mtimeNs } = lstatSync(path, { bigint: true });
    writeFileSync(path, content);
    setModifiedTime(fromText(path), mtimeNs);
  };

  beforeAll(async () => {
    workspace = await prepareWorkspace(kind);
  });
  afterAll(() => workspace.remove());

  test("is taken over by Go from our snapshot, and read when its time tells", async () => {
    await backup(workspace.ours, workspace.store, workspace.root);
    writeHidden(second);
    const hidden = await backup(go, workspace.store, workspace.root);
    expect((await contentIn(go, hidden.id)).equals(first)).toBe(true);
    utimesSync(join(workspace.root, NAME), 1_800_000_000, 1_800_000_000);
    const told = await backup(go, workspace.store, workspace.root);
    expect((await contentIn(workspace.ours, told.id)).equals(second)).toBe(true);
  });

  test("is read by us when its time tells, on top of Go's snapshot", async () => {
    writeFileSync(join(workspace.root, NAME), third);
    utimesSync(join(workspace.root, NAME), 1_900_000_000, 1_900_000_000);
    const told = await backup(workspace.ours, workspace.store, workspace.root);
    expect((await contentIn(go, told.id)).equals(third)).toBe(true);
    await soundly(go, workspace.store, "check");
    await soundly(workspace.ours, workspace.store, "check");
  });
});
