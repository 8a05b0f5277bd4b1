import { concatBytes, SeededRandom } from "../../foundation/index.ts";

/** What the power cut leaves of changes that were not synced. The same seed leaves the same. */
export interface PowerCut {
  /** Of what was written to files: all, nothing, a part from the start, zeros in its place, or by chance any of these. */
  readonly contents: "kept" | "lost" | "torn" | "zeroed" | "any";
  /** Of names that were made, moved or removed: all, nothing, or of each by chance what it was at some time. */
  readonly names: "kept" | "lost" | "any";
  readonly seed?: number;
}

export type Node = FileNode | DirectoryNode;

/** The arrays are never changed, only replaced: copies of a disk share them. */
export class FileNode {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  /** What it held when it was last synced. */
  durable: Uint8Array<ArrayBuffer> = this.bytes;
  modifiedMs: number;

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs;
  }
}

export class DirectoryNode {
  readonly entries: Map<string, Node> = new Map();
  /** Names that changed since they were last synced, with all that they were: the durable one first. */
  readonly unsynced: Map<string, (Node | undefined)[]> = new Map();

  /** undefined removes the name. */
  set(name: string, node: Node | undefined): void {
    const past = this.unsynced.get(name);
    if (past) past.push(node);
    else this.unsynced.set(name, [this.entries.get(name), node]);
    if (node) this.entries.set(name, node);
    else this.entries.delete(name);
  }

  sync(): void {
    this.unsynced.clear();
  }
}

/** A copy of a tree as it is after a power cut: nothing in it is unsynced any more. */
export function survivors(root: DirectoryNode, cut: PowerCut): DirectoryNode {
  const random = new SeededRandom(cut.seed ?? 1);
  // a file with two names stays one
  const copies = new Map<FileNode, FileNode>();
  const copyFile = (file: FileNode): FileNode => {
    const known = copies.get(file);
    if (known) return known;
    const copy = new FileNode(file.modifiedMs);
    copy.bytes = survivingBytes(file, cut, random);
    copy.durable = copy.bytes;
    copies.set(file, copy);
    return copy;
  };
  const copyDirectory = (directory: DirectoryNode): DirectoryNode => {
    const copy = new DirectoryNode();
    for (const [name, node] of survivingNames(directory, cut, random)) {
      copy.entries.set(name, node instanceof FileNode ? copyFile(node) : copyDirectory(node));
    }
    return copy;
  };
  return copyDirectory(root);
}

function survivingNames(directory: DirectoryNode, { names }: PowerCut, random: SeededRandom): Map<string, Node> {
  const surviving = new Map(directory.entries);
  if (names === "kept") return surviving;
  for (const [name, past] of directory.unsynced) {
    const node = past[names === "lost" ? 0 : random.below(past.length)];
    if (node) surviving.set(name, node);
    else surviving.delete(name);
  }
  return surviving;
}

const fates = ["kept", "lost", "torn", "zeroed"] as const;

function survivingBytes(
  { bytes, durable }: FileNode,
  { contents }: PowerCut,
  random: SeededRandom,
): Uint8Array<ArrayBuffer> {
  if (bytes === durable) return bytes;
  const unsynced = bytes.length - durable.length;
  switch (contents === "any" ? fates[random.below(fates.length)] : contents) {
    case "lost":
      return durable;
    case "torn":
      return bytes.slice(0, durable.length + random.below(unsynced + 1));
    case "zeroed":
      return concatBytes([durable, new Uint8Array(unsynced)]);
    default:
      return bytes;
  }
}
