import { compareKeys, comparePaths, ResourceType } from "../format/index.ts";
import type { BtreeShape } from "./btree.ts";

/** The six trees of a snapshot (kloset-format section 7). Names of indexes are the format's own. */
export const entryTree: BtreeShape = {
  rootType: ResourceType.vfsBtree,
  nodeType: ResourceType.vfsNode,
  compare: comparePaths,
  what: "tree of entries",
};
export const attributeTree: BtreeShape = {
  rootType: ResourceType.xattrBtree,
  nodeType: ResourceType.xattrNode,
  compare: comparePaths,
  what: "tree of extended attributes",
};
export const errorTree: BtreeShape = {
  rootType: ResourceType.errorBtree,
  nodeType: ResourceType.errorNode,
  compare: compareKeys,
  what: "tree of errors",
};

function index(name: string): BtreeShape {
  return {
    rootType: ResourceType.btreeRoot,
    nodeType: ResourceType.btreeNode,
    compare: compareKeys,
    what: `${name} index`,
  };
}

export const contentTypeIndex = "content-type";
export const directoryIndex = "dirpack";
export const summaryIndex = "summary";
export const indexShapes: Readonly<Record<string, BtreeShape>> = {
  [contentTypeIndex]: index(contentTypeIndex),
  [directoryIndex]: index(directoryIndex),
  [summaryIndex]: index(summaryIndex),
};
