import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ByteString, fromText, joinPath } from "../../src/foundation/index.ts";
import { listExtendedAttributes, removeExtendedAttribute, setExtendedAttribute } from "../../src/system/index.ts";
import type { Plakar } from "./command-line.ts";
import { backup, maintain, soundly } from "./commands.ts";
import {
  type Expected,
  expectContents,
  expectNothingToFree,
  expectReadable,
  expectRestored,
  expectWhole,
} from "./expectations.ts";
import { go } from "./oracle.ts";
import { twoStores } from "./stores.ts";
import { names } from "./tree.ts";
import { differences, readTree } from "./tree-state.ts";
import { prepareWorkspace, type Workspace } from "./workspace.ts";

const DAMAGED = 65;

/** Neither size nor time tells of it, so that both programs find such files unchanged. */
describe.each(twoStores)("after attributes alone changed, in $title,", (kind) => {
  let workspace: Workspace;
  const taken: Expected[] = [];
  const newest = (): Expected => taken[0] ?? { id: "none", state: new Map() };

  const save = async (plakar: Plakar): Promise<void> => {
    const { id } = await backup(plakar, workspace.store, workspace.root);
    taken.unshift({ id, state: readTree(workspace.rootBytes) });
  };
  const expectSoundForBoth = async (): Promise<void> => {
    await expectReadable(go, workspace, newest());
    await expectNothingToFree(go, workspace);
    await expectWhole(go, workspace);
    await expectWhole(workspace.ours, workspace);
  };

  beforeAll(async () => {
    workspace = await prepareWorkspace(kind);
    await save(workspace.ours);
    changeValues(workspace.rootBytes, "second value");
    changeLists(workspace.rootBytes, "user.second");
  });
  afterAll(() => workspace.remove());

  test("the tree differs in attributes only", () => {
    const found = differences(newest().state, readTree(workspace.rootBytes));
    expect(found).toHaveLength(4);
    expect(found.filter((line) => !line.includes(": attributes is "))).toEqual([]);
  });

  test("our next snapshot is whole for both programs, and Go's maintenance knows every packfile", async () => {
    await save(workspace.ours);
    await expectSoundForBoth();
  });

  test("each of our snapshots gives its own attributes back", async () => {
    for (const expected of taken) await expectRestored(workspace.ours, workspace, expected);
  });

  test("Go's snapshot on top of ours is whole for both programs, with the attributes that we saved", async () => {
    await save(go);
    await expectSoundForBoth();
    await expectRestored(workspace.ours, workspace, newest());
  });

  test("a snapshot that Go takes after values changed is whole, with the values on disk", async () => {
    changeValues(workspace.rootBytes, "third value");
    await save(go);
    await expectSoundForBoth();
    await expectRestored(workspace.ours, workspace, newest());
  });

  test("our snapshot without attributes, on top of one with them, is whole for both programs", async () => {
    const { id } = await backup(workspace.ours, workspace.store, "-no-xattr", workspace.root);
    const bare = [...newest().state].map(([path, item]) => [path, { ...item, attributes: "" }] as const);
    taken.unshift({ id, state: new Map(bare) });
    await expectSoundForBoth();
    await expectRestored(workspace.ours, workspace, newest());
  });

  test("our snapshot with attributes, on top of one without them, is whole for both programs", async () => {
    changeValues(workspace.rootBytes, "fourth value");
    changeLists(workspace.rootBytes, "user.fourth");
    await save(workspace.ours);
    await expectSoundForBoth();
    await expectRestored(workspace.ours, workspace, newest());
  });

  test("a snapshot that Go breaks by a new attribute is found by our check, and our next one is whole", async () => {
    changeLists(workspace.rootBytes, "user.fifth");
    // Go names an entry that it does not store, and its own check does not see it
    const broken = await backup(go, workspace.store, workspace.root);
    await workspace.ours.run(["at", workspace.store, "check", broken.id], { status: DAMAGED });
    await save(workspace.ours);
    await expectReadable(go, workspace, newest());
    await expectRestored(workspace.ours, workspace, newest());
    await soundly(workspace.ours, workspace.store, "rm", "-apply", broken.id);
    await maintain(go, workspace.store);
    await expectWhole(workspace.ours, workspace);
  });

  test("every whole snapshot is still read by Go byte for byte", async () => {
    expect(taken).toHaveLength(7);
    for (const expected of taken) await expectContents(go, workspace, expected);
  });
});

/** Values lie in a tree of their own, apart from the files. */
function changeValues(root: ByteString, value: string): void {
  const bytes = Buffer.from(value);
  setExtendedAttribute(joinPath(root, names.attributed), fromText("user.text"), bytes);
  setExtendedAttribute(joinPath(root, names.attributedDirectory), fromText("user.directory"), bytes);
}

/** The names are part of what is saved of a file: one file gets one more, another has its own exchanged or lost. */
function changeLists(root: ByteString, name: string): void {
  setExtendedAttribute(joinPath(root, names.gainsAttribute), fromText(name), Buffer.from("gained"));
  const loser = joinPath(root, names.losesAttribute);
  const own = listExtendedAttributes(loser).find((existing) => existing.startsWith("user."));
  if (own === undefined) setExtendedAttribute(loser, fromText(name), Buffer.from("again"));
  else removeExtendedAttribute(loser, own);
}
