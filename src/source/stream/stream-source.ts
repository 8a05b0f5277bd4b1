import {
  type ByteString,
  baseName,
  fromText,
  type ItemInfo,
  type ItemKind,
  joinPath,
  parentPath,
} from "../../foundation/index.ts";
import type { Source, SourceContent, SourceDirectory, SourceItem } from "../contract.ts";

export interface StreamSourceOptions {
  /** Where the stream is to be in the snapshot, as text: `dump.sql`, `db/dump.sql`. */
  readonly name: string;
  /** Kept in the snapshot's header as the origin. */
  readonly hostName: string;
  readonly modifiedNs: bigint;
  /** The stream. It is asked for once. */
  readonly open: (signal: AbortSignal | undefined) => AsyncIterable<Uint8Array>;
  /** Frees what the stream holds; called once, whatever happened. */
  readonly close: () => Promise<void>;
}

const DIRECTORY_MODE = 0o755;
const FILE_MODE = 0o644;

/** A stream as a source: one file below `/`, whose content and size are known when it ends. */
export function openStreamSource(options: StreamSourceOptions): Source {
  return new StreamSource(options);
}

class StreamSource implements Source {
  readonly type = "stdin";
  readonly origin: string;
  readonly root: ByteString = fromText("/");
  readonly paths: readonly ByteString[];
  readonly #options: StreamSourceOptions;
  readonly #path: ByteString;

  constructor(options: StreamSourceOptions) {
    this.#options = options;
    this.#path = fromText(`/${options.name}`);
    this.origin = options.hostName;
    this.paths = [this.#path];
  }

  async ancestors(): Promise<readonly SourceItem[]> {
    return [];
  }

  async *contents(signal?: AbortSignal): AsyncGenerator<SourceContent> {
    const { modifiedNs, open } = this.#options;
    yield { key: this.#path, path: this.#path, sizeBytes: 0, modifiedNs, parts: open(signal) };
  }

  /** The directories down to the file, each with the next as its only child. */
  async *walk(): AsyncGenerator<SourceDirectory> {
    const chain: ByteString[] = [this.#path];
    for (let at = this.#path; at !== "/"; at = parentPath(at)) chain.unshift(parentPath(at));
    for (const [depth, path] of chain.slice(0, -1).entries()) {
      const child = chain[depth + 1] as ByteString;
      const kind = child === this.#path ? "file" : "directory";
      yield { item: this.#item(path, "directory"), children: [this.#item(child, kind)], failures: [] };
    }
  }

  close(): Promise<void> {
    return this.#options.close();
  }

  #item(path: ByteString, kind: ItemKind): SourceItem {
    const info: ItemInfo = {
      kind,
      name: baseName(path),
      sizeBytes: 0,
      permissions: kind === "directory" ? DIRECTORY_MODE : FILE_MODE,
      modifiedNs: this.#options.modifiedNs,
      device: 0n,
      inode: 0n,
      userId: process.getuid?.() ?? 0,
      groupId: process.getgid?.() ?? 0,
      linkCount: 1,
      userName: "",
      groupName: "",
    };
    return { path, info, ...(kind === "file" && { contentKey: path }) };
  }
}

/** A name as it may stand in a snapshot, with `/` between its parts; undefined when there is none. */
export function streamName(typed: string): string | undefined {
  const parts = typed.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 || parts.includes("..") || typed.includes("\0") ? undefined : joinParts(parts);
}

function joinParts(parts: readonly string[]): string {
  return parts.reduce((path, part) => joinPath(path as ByteString, part as ByteString));
}
