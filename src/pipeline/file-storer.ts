import { closeSync, constants, fstatSync, openSync } from "node:fs";
import type { ChunkingParameters } from "../chunking/index.ts";
import { type ChunkRef, encodeObject, type Mac, ResourceType, V1_0_0 } from "../format/index.ts";
import { type ByteString, messageOf, systemClock, systemCode, systemRandom, toFsPath } from "../foundation/index.ts";
import type { Kernels } from "../kernels/index.ts";
import { BlobIndex, Packer, type SealedBlobs } from "../repository/contract.ts";
import type { Sealer } from "../sealing/index.ts";
import { RingReader } from "./byte-ring.ts";
import { Claims } from "./claims.ts";
import { ContentCutter } from "./content-cutter.ts";
import { BytesReader, type ContentReader, FileReader, StreamReader } from "./content-reader.ts";
import { contentTypeOf, HEAD_BYTES } from "./content-type.ts";
import { hasChanged, modifiedAt } from "./file-times.ts";
import type { BackupSetup, FileToStore, FromWorker, StoredBlob, StoredFileContent } from "./protocol.ts";

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
  readonly #cutter: ContentCutter;
  readonly #index: BlobIndex;
  readonly #trusted: Uint8Array;
  readonly #claims: Claims;
  readonly #packer: Packer;
  readonly #underWay: Int32Array;
  readonly #sealed: number;

  constructor(options: StorerOptions) {
    const { kernels, sealer, chunking } = options;
    this.#options = options;
    this.#cutter = new ContentCutter(chunking, kernels);
    this.#index = BlobIndex.fromShared(options.index);
    this.#trusted = new Uint8Array(options.index.trusted);
    this.#claims = new Claims(options.claims);
    this.#underWay = new Int32Array(options.packsUnderWay);
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

  /** The bytes of a packfile that is stored. */
  takeBack(bytes: Uint8Array<ArrayBuffer>): void {
    this.#packer.takeBack(bytes);
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
    let total = 0;
    let weighted = 0;
    let contentType = "";
    let whole: ReturnType<Sealer["createMac"]> | undefined;
    for (const { address, length, heldBytes, isLast } of this.#cutter.cut(reader)) {
      if (total === 0)
        contentType = contentTypeOf(path, kernels.bytes.subarray(address, address + Math.min(heldBytes, HEAD_BYTES)));
      const { mac, entropy } = this.#storeChunk(address, length);
      chunks.push({ version: V1_0_0, mac, length, entropy, flags: 0 });
      weighted += entropy * length;
      total += length;
      if (isLast && chunks.length === 1) break; // its MAC is that of the content
      whole ??= sealer.createMac();
      whole.updateAt(address, length);
    }
    const first = chunks[0] as ChunkRef;
    const contentMac = whole ? whole.digest() : first.mac;
    const entropy = total === 0 ? 0 : chunks.length === 1 ? first.entropy : weighted / total;
    const object = this.#storeObject(
      encodeObject({ version: V1_0_0, contentMac, chunks, contentType, entropy, flags: 0 }),
    );
    return { object, contentType, entropy, chunks: chunks.length, sizeBytes: total };
  }

  /** Stores one chunk, or an object, that comes as it is. */
  storeBlob(type: ResourceType, bytes: Uint8Array): StoredBlob {
    if (type !== ResourceType.chunk) return { mac: this.#storeObject(bytes), entropy: 0 };
    this.#options.kernels.bytes.set(bytes, this.#cutter.window);
    return this.#storeChunk(this.#cutter.window, bytes.length);
  }

  #storeChunk(address: number, length: number): StoredBlob {
    const { kernels, sealer } = this.#options;
    const mac = sealer.macAt(address, length);
    if (this.#isNew(ResourceType.chunk, mac)) {
      const sealedBytes = sealer.sealAt(address, length, this.#sealed);
      this.#packer.add(ResourceType.chunk, mac, kernels.bytes.subarray(this.#sealed, this.#sealed + sealedBytes));
      if (this.#packer.isFull) this.#handOver();
    }
    return { mac, entropy: kernels.entropy(address, length) };
  }

  #storeObject(bytes: Uint8Array): Mac {
    const { sealer } = this.#options;
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
