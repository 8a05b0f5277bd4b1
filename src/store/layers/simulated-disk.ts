import { basename, dirname, parse, resolve, sep } from "node:path";
import { type Clock, concatBytes, FakeClock } from "../../foundation/index.ts";
import type { DirectoryEntry, FileStatus, FileSystem, ReadableFile, WritableFile } from "../file-system.ts";
import { DirectoryNode, FileNode, type Node, type PowerCut, survivors } from "./disk-nodes.ts";

/**
 * A disk in memory that remembers what would survive a power cut: of a file what it held when it was last synced, of a
 * directory the names that it had then. Paths are absolute, or below the working directory.
 */
export class SimulatedDisk implements FileSystem {
  readonly #root: DirectoryNode;
  /** Gives files their times. */
  readonly #clock: Clock;

  constructor(clock: Clock = new FakeClock(), root: DirectoryNode = new DirectoryNode()) {
    this.#clock = clock;
    this.#root = root;
  }

  /** The disk when the power is back. This one stays as it is, so that many cuts can be tried at the same moment. */
  afterPowerCut(cut: PowerCut): SimulatedDisk {
    return new SimulatedDisk(this.#clock, survivors(this.#root, cut));
  }

  async create(path: string): Promise<WritableFile> {
    const parent = this.#directory(dirname(path), "open");
    if (parent.entries.has(basename(path))) throw systemError("EEXIST", "open", path);
    const file = new FileNode(this.#nowMs());
    parent.set(basename(path), file);
    return {
      write: async (bytes) => {
        file.bytes = concatBytes([file.bytes, bytes]);
        file.modifiedMs = this.#nowMs();
        return bytes.length;
      },
      sync: async () => {
        file.durable = file.bytes;
      },
      close: async () => undefined,
    };
  }

  async open(path: string): Promise<ReadableFile> {
    const node = this.#node(path, "open");
    return {
      sizeBytes: async () => (node instanceof FileNode ? node.bytes.length : 0),
      read: async (into, position) => {
        if (!(node instanceof FileNode)) throw systemError("EISDIR", "read", path);
        const part = node.bytes.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      close: async () => undefined,
    };
  }

  async mkdir(path: string): Promise<void> {
    const parent = this.#directory(dirname(path), "mkdir");
    if (parent.entries.has(basename(path))) throw systemError("EEXIST", "mkdir", path);
    parent.set(basename(path), new DirectoryNode());
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#node(from, "rename");
    const target = this.#directory(dirname(to), "rename");
    if (target.entries.get(basename(to)) instanceof DirectoryNode) throw systemError("EISDIR", "rename", to);
    target.set(basename(to), node);
    this.#directory(dirname(from), "rename").set(basename(from), undefined);
  }

  async link(from: string, to: string): Promise<void> {
    const node = this.#node(from, "link");
    const target = this.#directory(dirname(to), "link");
    if (target.entries.has(basename(to))) throw systemError("EEXIST", "link", to);
    target.set(basename(to), node);
  }

  async unlink(path: string): Promise<void> {
    if (this.#node(path, "unlink") instanceof DirectoryNode) throw systemError("EISDIR", "unlink", path);
    this.#directory(dirname(path), "unlink").set(basename(path), undefined);
  }

  async syncDirectory(path: string): Promise<void> {
    this.#directory(path, "fsync").sync();
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    return [...this.#directory(path, "scandir").entries].map(([name, node]) => ({
      name,
      isDirectory: node instanceof DirectoryNode,
    }));
  }

  async stat(path: string): Promise<FileStatus> {
    const node = this.#node(path, "stat");
    return node instanceof FileNode
      ? { isDirectory: false, modifiedMs: node.modifiedMs }
      : { isDirectory: true, modifiedMs: 0 };
  }

  async sizes(paths: readonly string[]): Promise<(number | undefined)[]> {
    return paths.map((path) => {
      const node = this.#find(path);
      return node instanceof FileNode ? node.bytes.length : undefined;
    });
  }

  #directory(path: string, call: string): DirectoryNode {
    const node = this.#node(path, call);
    if (node instanceof DirectoryNode) return node;
    throw systemError("ENOTDIR", call, path);
  }

  #node(path: string, call: string): Node {
    const node = this.#find(path);
    if (node) return node;
    throw systemError(this.#isBelowFile(path) ? "ENOTDIR" : "ENOENT", call, path);
  }

  #find(path: string): Node | undefined {
    const absolute = resolve(path);
    let node: Node | undefined = this.#root;
    for (const name of absolute.slice(parse(absolute).root.length).split(sep)) {
      if (name === "") continue;
      node = node instanceof DirectoryNode ? node.entries.get(name) : undefined;
    }
    return node;
  }

  #isBelowFile(path: string): boolean {
    const parent = dirname(resolve(path));
    if (parent === resolve(path)) return false;
    return this.#find(parent) instanceof FileNode || this.#isBelowFile(parent);
  }

  #nowMs(): number {
    return Number(this.#clock.nowNs() / 1_000_000n);
  }
}

function systemError(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, syscall: call, path });
}
