import { createReadStream, statSync } from "node:fs";
import { pipeline, type Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { type ByteString, fromText, nativePath, systemCode, toDisplay } from "../../foundation/index.ts";
import { absolutePath, describeSystemError } from "../../system/index.ts";
import type { Source, SourceContent, SourceDirectory, SourceItem } from "../contract.ts";
import { sourceDenied, sourceMissing } from "../fs/failures.ts";
import { closeStandardInput, readStandardInput } from "../stream/standard-input.ts";
import { ByteReader } from "./byte-reader.ts";
import { readTarEntries } from "./tar-entries.ts";
import { tarDamaged } from "./tar-header.ts";
import { TarTree } from "./tar-tree.ts";

export interface TarSourceOptions {
  /** The archive, as text; `-` is standard input. Compressed by gzip or zstd, or not at all: it is seen. */
  readonly archive: string;
  readonly hostName: string;
  /** Of directories that the archive does not describe. */
  readonly modifiedNs: bigint;
}

/** A tar archive as a source: what is in it becomes the snapshot. Throws `source-missing`, `source-denied`. */
export function openTarSource(options: TarSourceOptions): Source {
  return new TarSource(options);
}

class TarSource implements Source {
  readonly type = "tar";
  readonly origin: string;
  readonly root: ByteString = fromText("/");
  readonly paths: readonly ByteString[] = [fromText("/")];
  readonly #archive: string;
  readonly #tree: TarTree;
  #file: Readable | undefined;

  constructor({ archive, hostName, modifiedNs }: TarSourceOptions) {
    this.origin = hostName;
    this.#archive = archive;
    this.#tree = new TarTree(modifiedNs);
    if (archive !== "-") requireFile(archive);
  }

  async ancestors(): Promise<readonly SourceItem[]> {
    return [];
  }

  async *contents(signal?: AbortSignal): AsyncGenerator<SourceContent> {
    const reader = new ByteReader(decompressed(this.#open(signal)));
    for await (const entry of readTarEntries(reader, () => this.#tree.hasNoEnd())) {
      const kept = this.#tree.add(entry);
      if (!kept) continue;
      yield { ...kept, sizeBytes: entry.sizeBytes, modifiedNs: entry.modifiedNs, parts: entry.content };
    }
  }

  async *walk(): AsyncGenerator<SourceDirectory> {
    yield* this.#tree.walk();
  }

  async close(): Promise<void> {
    this.#file?.destroy();
    if (this.#archive === "-") await closeStandardInput();
  }

  #open(signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
    if (this.#archive === "-") return readStandardInput(signal);
    this.#file = createReadStream(nativePath(absolutePath(this.#archive)), { highWaterMark: READ_BYTES });
    return this.#file as AsyncIterable<Uint8Array>;
  }
}

const READ_BYTES = 1 << 20;

function requireFile(archive: string): void {
  const shown = toDisplay(fromText(archive));
  try {
    if (!statSync(nativePath(absolutePath(archive))).isDirectory()) return;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") throw sourceMissing(shown, error);
    throw sourceDenied(shown, describeSystemError(error), error);
  }
  throw sourceDenied(shown, "it is a directory, and no archive");
}

/** Compressions that are not read here, by their first bytes. */
const unread = [
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58] },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68] },
  { name: "lzip", magic: [0x4c, 0x5a, 0x49, 0x50] },
  { name: "lz4", magic: [0x04, 0x22, 0x4d, 0x18] },
] as const;
const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/** The archive itself, whatever it is compressed by. A damaged compression is `tar-damaged`. */
async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(source);
  const head = await reader.read(ZSTD.length);
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    yield* reader.take(Number.POSITIVE_INFINITY);
  };
  const startsWith = (magic: readonly number[]): boolean => magic.every((byte, at) => head[at] === byte);
  const other = unread.find(({ magic }) => startsWith(magic));
  if (other) throw tarDamaged(`it is compressed by ${other.name}: ${other.name} -dc ARCHIVE | plakar backup tar:-`);
  if (!startsWith(GZIP) && !startsWith(ZSTD)) {
    yield* whole();
    return;
  }
  const engine = startsWith(GZIP) ? createGunzip() : createZstdDecompress();
  try {
    yield* pipeline(whole, engine, () => undefined) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw systemCode(error)?.startsWith("Z_") || systemCode(error)?.startsWith("ZSTD")
      ? tarDamaged("its compression is damaged, or ends too early")
      : error;
  }
}
