import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createMemoryStore } from "../../../src/store/index.ts";
import { InProcess } from "../../support/in-process.ts";

export interface SmallTree {
  /** On a new store in memory, in plaintext. */
  readonly plakar: InProcess;
  /** Holds nothing but the tree. */
  readonly above: string;
  readonly tree: string;
}

/** Makes files of these names and contents below `above`/tree, in which there is a directory `sub`, and a store for them. */
export async function makeSmallTree(above: string, files: Readonly<Record<string, string>>): Promise<SmallTree> {
  const plakar = new InProcess(createMemoryStore());
  await plakar.create();
  const tree = join(above, "tree");
  mkdirSync(join(tree, "sub"), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(tree, name), content);
  return { plakar, above, tree };
}
