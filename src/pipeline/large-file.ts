import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { setImmediate as breathe } from "node:timers/promises";
import type { ChunkingParameters } from "../chunking/index.ts";
import { type ChunkRef, encodeObject, ResourceType, V1_0_0 } from "../format/index.ts";
import { systemRandom, toFsPath } from "../foundation/index.ts";
import { compileKernels, instantiateKernels, type Kernels } from "../kernels/index.ts";
import { Sealer, type SealingParameters } from "../sealing/index.ts";
import { ContentCutter, cutterArenaBytes } from "./content-cutter.ts";
import { FileReader } from "./content-reader.ts";
import { contentTypeOf, HEAD_BYTES } from "./content-type.ts";
import { hasChanged, modifiedAt } from "./file-times.ts";
import type { FileToStore, StoredBlob, StoredFileContent } from "./protocol.ts";

/** Files of at least this size are cut by the main thread, so that all workers have something of them to do. */
export const LARGE_FILE_BYTES: number = 32 << 20;
/** Stores that cut larger chunks than this have each file cut by one worker: memory is worth more than time then. */
export const MOST_CHUNK_BYTES: number = 8 << 20;

/** Room for the MAC of the whole and for what a sealer takes to know its key: hashers of 66 KiB each. */
const MAC_ARENA_BYTES = 1 << 19;

export interface LargeFileOptions {
  readonly chunking: ChunkingParameters;
  readonly sealing: SealingParameters;
  /** Stores a blob: its bytes are given away. Waits while the workers have enough to do. */
  readonly store: (
    type: ResourceType,
    bytes: Uint8Array<ArrayBuffer>,
  ) => Promise<{ readonly stored: Promise<StoredBlob> }>;
}

/**
 * The way of a large file's bytes: read, cut and covered by the content's MAC in the main thread; each chunk then goes to the least
 * busy worker as it was read, so that chunks and content are of the same bytes whatever happens to the file meanwhile.
 */
export class LargeFiles {
  readonly #options: LargeFileOptions;
  #tools: { readonly kernels: Kernels; readonly cutter: ContentCutter; readonly sealer: Sealer } | undefined;

  constructor(options: LargeFileOptions) {
    this.#options = options;
  }

  /** undefined: it changed meanwhile, or is no file any more; whoever looks at it again will find out. Throws system errors. */
  async store({ path, modifiedNs }: FileToStore): Promise<StoredFileContent | undefined> {
    const fd = openSync(toFsPath(path), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const before = fstatSync(fd);
      if (!before.isFile() || before.size === 0) return undefined;
      const content = await this.#storeContent(path, fd, before);
      return content && { ...content, modifiedNs: modifiedAt(fd, before, modifiedNs), changed: false };
    } finally {
      closeSync(fd);
    }
  }

  async #storeContent(
    path: FileToStore["path"],
    fd: number,
    before: Stats,
  ): Promise<Omit<StoredFileContent, "modifiedNs" | "changed"> | undefined> {
    const { kernels, cutter, sealer } = this.#prepare();
    const { store } = this.#options;
    const whole = sealer.createMac();
    const lengths: number[] = [];
    const blobs: Promise<StoredBlob>[] = [];
    let contentType = "";
    for (const { address, length, heldBytes } of cutter.cut(new FileReader(fd, before))) {
      if (lengths.length === 0)
        contentType = contentTypeOf(path, kernels.bytes.subarray(address, address + Math.min(heldBytes, HEAD_BYTES)));
      whole.updateAt(address, length);
      const { stored } = await store(ResourceType.chunk, kernels.bytes.slice(address, address + length));
      stored.catch(() => undefined); // awaited below, unless another fails first
      blobs.push(stored);
      lengths.push(length);
      await breathe(); // the walk, packs to be stored and Ctrl-C take their turn
    }
    if (hasChanged(before, fstatSync(fd))) return undefined;
    const chunks = (await Promise.all(blobs)).map(
      ({ mac, entropy }, at): ChunkRef => ({ version: V1_0_0, mac, length: lengths[at] as number, entropy, flags: 0 }),
    );
    const sizeBytes = lengths.reduce((sum, length) => sum + length, 0);
    const weighted = chunks.reduce((sum, chunk) => sum + chunk.entropy * chunk.length, 0);
    const [only] = chunks;
    const digest = whole.digest();
    const contentMac = chunks.length === 1 && only ? only.mac : digest;
    const entropy = chunks.length === 1 && only ? only.entropy : weighted / sizeBytes;
    const encoded = encodeObject({ version: V1_0_0, contentMac, chunks, contentType, entropy, flags: 0 });
    const { stored } = await store(ResourceType.object, new Uint8Array(encoded));
    return { object: (await stored).mac, contentType, entropy, chunks: chunks.length, sizeBytes };
  }

  /** Kernels of its own: those of the repository have no room for a window. */
  #prepare(): { kernels: Kernels; cutter: ContentCutter; sealer: Sealer } {
    const { chunking, sealing } = this.#options;
    if (!this.#tools) {
      const arenaBytes = cutterArenaBytes(chunking) + MAC_ARENA_BYTES;
      const kernels = instantiateKernels(compileKernels(), { arenaBytes });
      const sealer = new Sealer(sealing, kernels, systemRandom);
      this.#tools = { kernels, cutter: new ContentCutter(chunking, kernels), sealer };
    }
    return this.#tools;
  }
}
