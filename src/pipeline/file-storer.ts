import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { type Chunker, type ChunkingParameters, createChunker } from "../chunking/index.ts";
import { type ChunkRef, encodeObject, type Mac, ResourceType, V1_0_0 } from "../format/index.ts";
import { type ByteString, messageOf, systemClock, systemCode, systemRandom, toFsPath } from "../foundation/index.ts";
import type { Kernels } from "../kernels/index.ts";
import { BlobIndex, Packer, type SealedBlobs } from "../repository/contract.ts";
import type { Sealer } from "../sealing/index.ts";
import { RingReader } from "./byte-ring.ts";
import { Claims } from "./claims.ts";
import { BytesReader, type ContentReader, FileReader, StreamReader } from "./content-reader.ts";
import { contentTypeOf } from "./content-type.ts";
import type { BackupSetup, FileToStore, FromWorker, StoredFileContent } from "./protocol.ts";

/** A small file must be seen whole in one read. */
const MIN_WINDOW_BYTES = 1 << 20;
const PACKS_UNDER_WAY = 1;
/** Less than this is packed together with the snapshot's metadata. */
const LITTLE_BYTES = 1 << 20;
const zeroObject = new Uint8Array(32);

/** Kernel memory that a storer needs: a window of two chunks, and room for one sealed chunk with its compressed form. */
export function storerArenaBytes(chunking: ChunkingParameters): number {
  return chunking.maxBytes * 4 + (12 << 20);
}

export interface StorerOptions extends BackupSetup {
  readonly kernels: Kernels;
  readonly sealer: Sealer;
  readonly post: (message: FromWorker, transfer: ArrayBuffer[]) => void;
}

/**
 * The way of a file's bytes: read into kernel memory -> cut -> MAC -> claim -> compress and seal -> pack. Only what nobody
 * has yet is sealed. Full packs are handed to the main thread, which stores them.
 */
export class FileStorer {
  readonly #options: StorerOptions;
  readonly #chunker: Chunker;
  readonly #index: BlobIndex;
  readonly #trusted: Uint8Array;
  readonly #claims: Claims;
  readonly #packer: Packer;
  readonly #underWay: Int32Array;
  readonly #window: number;
  readonly #windowBytes: number;
  readonly #sealed: number;

  constructor(options: StorerOptions) {
    const { kernels, sealer, chunking } = options;
    this.#options = options;
    this.#chunker = createChunker(chunking, kernels);
    this.#index = BlobIndex.fromShared(options.index);
    this.#trusted = new Uint8Array(options.index.trusted);
    this.#claims = new Claims(options.claims);
    this.#underWay = new Int32Array(options.packsUnderWay);
    this.#windowBytes = Math.max(MIN_WINDOW_BYTES, chunking.maxBytes * 2);
    this.#window = kernels.allocate(this.#windowBytes + 64);
    this.#sealed = kernels.allocate(sealer.sealedBound(chunking.maxBytes) + 64);
    this.#packer = new Packer({
      sealer,
      clock: systemClock,
      random: systemRandom,
      targetBytes: options.packTargetBytes,
      paddingBytes: options.packPaddingBytes,
    });
  }

  store(files: readonly FileToStore[]): StoredFileContent[] {
    return files.map((file) => this.#store(file));
  }

  /** Hands over the last, partly filled pack; what is too little for one is answered. */
  finish(): SealedBlobs | undefined {
    const rest = this.#packer.giveUp(LITTLE_BYTES);
    if (rest === undefined) this.#handOver();
    return rest;
  }

  #store(file: FileToStore): StoredFileContent {
    try {
      if (file.content === undefined) return this.#storeFile(file);
      const { content } = file;
      const reader =
        content instanceof Uint8Array ? new BytesReader(content) : new StreamReader(new RingReader(content));
      return { ...this.#readAll(reader, file.path), modifiedNs: file.modifiedNs, changed: false };
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return unreadable(error);
    }
  }

  #storeFile({ path, modifiedNs }: FileToStore): StoredFileContent {
    const fd = openSync(toFsPath(path), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const before = fstatSync(fd);
      if (!before.isFile()) return unreadable(new Error("is no longer a regular file"));
      const once = new FileReader(fd, before);
      const first = this.#readAll(once, path);
      if (!once.isCutShort && !hasChanged(before, fstatSync(fd)))
        return { ...first, modifiedNs: modifiedAt(fd, before, modifiedNs), changed: false };
      // It changed under our hands: once more, then it is what it is, and said.
      const again = fstatSync(fd);
      const { mtimeNs } = fstatSync(fd, { bigint: true });
      const reader = new FileReader(fd, again);
      const second = this.#readAll(reader, path);
      const changed = reader.isCutShort || hasChanged(again, fstatSync(fd));
      return { ...second, modifiedNs: mtimeNs, changed };
    } finally {
      closeSync(fd);
    }
  }

  /** Cuts, seals and packs content from its beginning to its end. */
  #readAll(reader: ContentReader, path: ByteString): Omit<StoredFileContent, "modifiedNs" | "changed"> {
    const { kernels, sealer } = this.#options;
    const chunks: ChunkRef[] = [];
    let held = 0; // bytes in the window, not yet cut
    let total = 0;
    let weighted = 0;
    let contentType = "";
    let ended = false;
    let whole: ReturnType<Sealer["createMac"]> | undefined;
    do {
      while (!ended && held < this.#chunker.maxBytes) {
        const got = reader.read(kernels.bytes, this.#window + held, this.#windowBytes - held);
        if (got === 0) ended = true;
        held += got;
      }
      if (held === 0 && chunks.length > 0) break; // the last cut took everything; an empty file alone has an empty chunk
      if (total === 0)
        contentType = contentTypeOf(path, kernels.bytes.subarray(this.#window, this.#window + Math.min(held, 3072)));
      // Cut while a full chunk is certain: all that is left at the end, else as long as the largest chunk is held.
      let at = 0;
      do {
        const length = this.#chunker.cut(this.#window + at, held - at);
        const mac = this.#storeChunk(this.#window + at, length);
        const entropy = kernels.entropy(this.#window + at, length);
        chunks.push({ version: V1_0_0, mac, length, entropy, flags: 0 });
        weighted += entropy * length;
        if (!(ended && at + length === held && chunks.length === 1)) {
          whole ??= sealer.createMac();
          whole.updateAt(this.#window + at, length);
        }
        at += length;
        total += length;
      } while (at < held && (ended || held - at >= this.#chunker.maxBytes));
      held -= at;
      kernels.bytes.copyWithin(this.#window, this.#window + at, this.#window + at + held);
    } while (!ended || held > 0);
    const first = chunks[0] as ChunkRef;
    const contentMac = whole ? whole.digest() : first.mac;
    const entropy = total === 0 ? 0 : chunks.length === 1 ? first.entropy : weighted / total;
    const object = this.#storeObject({ version: V1_0_0, contentMac, chunks, contentType, entropy, flags: 0 });
    return { object, contentType, entropy, chunks: chunks.length, sizeBytes: total };
  }

  #storeChunk(address: number, length: number): Mac {
    const { kernels, sealer } = this.#options;
    const mac = sealer.macAt(address, length);
    if (this.#isNew(ResourceType.chunk, mac)) {
      const sealedBytes = sealer.sealAt(address, length, this.#sealed);
      this.#packer.add(ResourceType.chunk, mac, kernels.bytes.subarray(this.#sealed, this.#sealed + sealedBytes));
      if (this.#packer.isFull) this.#handOver();
    }
    return mac;
  }

  #storeObject(object: Parameters<typeof encodeObject>[0]): Mac {
    const { sealer } = this.#options;
    const bytes = encodeObject(object);
    const mac = sealer.mac(bytes);
    if (this.#isNew(ResourceType.object, mac)) {
      this.#packer.add(ResourceType.object, mac, sealer.sealed(bytes));
      if (this.#packer.isFull) this.#handOver();
    }
    return mac;
  }

  #isNew(type: number, mac: Mac): boolean {
    return !this.#index.has(type, mac, this.#trusted) && this.#claims.claim(type, mac);
  }

  /** Waits while the store is behind, so that a slow store never fills the memory. */
  #handOver(): void {
    const { id, bytes, index } = this.#packer.finish();
    for (;;) {
      const count = Atomics.load(this.#underWay, 0);
      if (count < PACKS_UNDER_WAY) break;
      Atomics.wait(this.#underWay, 0, count);
    }
    Atomics.add(this.#underWay, 0, 1);
    this.#options.post({ kind: "pack", id, bytes, index }, [bytes.buffer]);
  }
}

/** In milliseconds times are exact to a quarter of a microsecond: nobody looks, reads and writes in less. */
function hasChanged(before: Stats, after: Stats): boolean {
  return before.size !== after.size || before.mtimeMs !== after.mtimeMs || before.ctimeMs !== after.ctimeMs;
}

/** The exact time: the walk's, unless the file was changed since. */
function modifiedAt(fd: number, { mtimeMs }: Stats, seenNs: bigint): bigint {
  const isAsSeen = Math.abs(mtimeMs - Number(seenNs) / 1e6) < 1e-3;
  return isAsSeen ? seenNs : fstatSync(fd, { bigint: true }).mtimeNs;
}

function unreadable(error: unknown): StoredFileContent {
  return {
    object: zeroObject,
    contentType: "",
    entropy: 0,
    chunks: 0,
    sizeBytes: 0,
    modifiedNs: 0n,
    changed: false,
    failure: { message: messageOf(error), code: systemCode(error) ?? "EIO" },
  };
}
