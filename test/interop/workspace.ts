import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ByteString, fromText } from "../../src/foundation/index.ts";
import { type Plakar, plainEnvironment, runProgram } from "./command-line.ts";
import { go } from "./oracle.ts";
import type { StoreKind } from "./stores.ts";
import { buildTree } from "./tree.ts";

/** A store, a tree to save, and our program with a HOME of its own; all below one directory. */
export interface Workspace {
  readonly store: string;
  readonly root: string;
  readonly rootBytes: ByteString;
  readonly ours: Plakar;
  /** A path that is not taken yet. */
  freshPath(): string;
  remove(): void;
}

const named = process.env["PLAKAR_UNDER_TEST"] ?? "";
const sources = [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  resolve(import.meta.dirname, "../../src/main.ts"),
];
const program: readonly string[] = named === "" ? sources : [resolve(named)];

/** Builds the tree and lets the store's creator make the store. */
export async function prepareWorkspace(kind: StoreKind): Promise<Workspace> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "plakar-interop-")));
  const home = join(directory, "home");
  const above = join(directory, "above");
  const store = join(directory, "store");
  const root = join(above, "tree");
  mkdirSync(home);
  const ours: Plakar = {
    name: "ours",
    run: async (argumentList, options) =>
      await runProgram(program, argumentList, { ...plainEnvironment, HOME: home }, options),
  };
  let taken = 0;
  const workspace: Workspace = {
    store,
    root,
    rootBytes: fromText(root),
    ours,
    freshPath: () => join(directory, `fresh-${taken++}`),
    remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
  buildTree(fromText(root), fromText(above));
  await (kind.creator === "us" ? ours : go).run(["at", store, "create", ...kind.flags]);
  return workspace;
}
