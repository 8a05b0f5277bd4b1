import {
  asMac,
  decodePackIndex,
  encodePackFooter,
  MAC_BYTES,
  type Mac,
  type PackfileId,
  PackIndexWriter,
  ResourceType,
  V1_0_0,
  WRAPPER_HEADER_BYTES,
  WRAPPER_TRAILER_BYTES,
  wrapperHeader,
} from "../format/index.ts";
import { type Clock, type Random, toHex, viewOf } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";

/** The Go reader asks for more than a blob, up to 64 KiB for the largest; so much must follow the last blob. */
const CLOSING_SLACK_BYTES: number = 64 * 1024;
const OPENING_PADDING_BYTES = 256;
/** For the last blob, the index of small ones, and what closes a pack. */
const ROOM_BEHIND_BYTES = 12 << 20;

export interface PackerOptions {
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
  /** A pack is full once its blobs exceed this; at most the store's configured packfile size. */
  readonly targetBytes: number;
  /** Upper bound of random padding at both ends, in bytes, as the Go implementation pads; 0 for the short form. */
  readonly paddingBytes: number;
}

/** A whole packfile, ready to be stored, and what its state must say of it. */
export interface FinishedPack {
  readonly id: PackfileId;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The plain index: 56 bytes a blob, for `decodePackIndex`. */
  readonly index: Uint8Array<ArrayBuffer>;
}

/** Sealed blobs side by side, without a packfile around them, on their way into another packer. */
export interface SealedBlobs {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As in FinishedPack; offsets count from the start of `bytes`. */
  readonly index: Uint8Array<ArrayBuffer>;
}

/** Collects sealed blobs into one packfile (kloset-format section 5). Nothing is visible before the file is stored. */
export class Packer {
  readonly #options: PackerOptions;
  #file: Uint8Array<ArrayBuffer> = new Uint8Array();
  #length = WRAPPER_HEADER_BYTES;
  #index = new PackIndexWriter();
  #openingBytes = 0;
  /** A file that was stored: its memory is there already, which new memory would have to be taken for, page by page. */
  #spare: Uint8Array<ArrayBuffer> | undefined;

  constructor(options: PackerOptions) {
    this.#options = options;
    this.#begin();
  }

  get isFull(): boolean {
    return this.#length - WRAPPER_HEADER_BYTES > this.#options.targetBytes;
  }

  /** Whether anything but padding is inside. */
  get isEmpty(): boolean {
    return this.#index.count <= 1;
  }

  /** Copies one sealed blob to the end. */
  add(type: ResourceType, mac: Mac, sealed: Uint8Array): void {
    this.#record(type, mac, sealed.length);
    this.#append(sealed);
  }

  /** Room for a blob that the caller writes itself; `commit` with its true length must follow before anything else. */
  reserve(maxBytes: number): Uint8Array<ArrayBuffer> {
    this.#ensure(maxBytes);
    return this.#file.subarray(this.#length, this.#length + maxBytes);
  }

  commit(type: ResourceType, mac: Mac, length: number): void {
    this.#record(type, mac, length);
    this.#length += length;
  }

  /** Takes over what another packer gave up. */
  addAll({ bytes, index }: SealedBlobs): void {
    for (const { type, mac, offset, length } of decodePackIndex(index)) {
      this.add(type as ResourceType, mac, bytes.subarray(offset, offset + length));
    }
  }

  /**
   * Gives up what is inside if it is little: as a packfile of its own it would be padding for the most part. undefined: it
   * is not little, `finish` it.
   */
  giveUp(atMostBytes: number): SealedBlobs | undefined {
    const start = WRAPPER_HEADER_BYTES + this.#openingBytes;
    if (this.#length - start > atMostBytes) return undefined;
    const given = { bytes: this.#file.slice(start, this.#length), index: this.#index.finish(1, this.#openingBytes) };
    this.#begin();
    return given;
  }

  /** Takes back the bytes of a finished pack once they are stored: the one after the next is written over them. */
  takeBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    this.#spare ??= new Uint8Array(buffer);
  }

  /**
   * Closes the pack and begins the next. The answered bytes are the caller's own, who may give them back. The id is no MAC, as
   * the Go implementation's is none any more: what is inside is covered by MACs of its own, and a pass over all of it is saved.
   */
  finish(): FinishedPack {
    const { sealer, clock, paddingBytes } = this.#options;
    this.#pad(paddingBytes > 0 ? this.#randomLength(paddingBytes) : CLOSING_SLACK_BYTES);
    const indexOffset = this.#length - WRAPPER_HEADER_BYTES;
    const index = this.#index.finish();
    const footer = encodePackFooter({
      timestampNs: clock.nowNs(),
      count: this.#index.count,
      indexOffset,
      indexMac: sealer.mac(index),
      flags: 0,
    });
    this.#append(sealer.seal(index));
    const sealedFooter = sealer.seal(footer);
    this.#append(sealedFooter);
    const footerLength = new Uint8Array(4);
    viewOf(footerLength).setUint32(0, sealedFooter.length, true);
    this.#append(footerLength);
    this.#file.set(wrapperHeader(ResourceType.packfile, V1_0_0));
    const id = toHex(this.#options.random.bytes(MAC_BYTES)) as PackfileId;
    this.#append(macOfWhole(sealer, this.#file.subarray(0, this.#length)));
    const finished = { id, bytes: this.#file.subarray(0, this.#length), index };
    this.#begin();
    return finished;
  }

  #begin(): void {
    // of a large one the system gives out page by page what is written to: nothing is copied, and nothing taken in vain
    this.#file = this.#spare ?? new Uint8Array(this.#options.targetBytes + ROOM_BEHIND_BYTES);
    this.#spare = undefined;
    this.#length = WRAPPER_HEADER_BYTES;
    this.#index = new PackIndexWriter();
    const { paddingBytes } = this.#options;
    this.#pad(this.#randomLength(paddingBytes > 0 ? paddingBytes : OPENING_PADDING_BYTES));
    this.#openingBytes = this.#length - WRAPPER_HEADER_BYTES;
  }

  /** 1 to `bound` - 1. */
  #randomLength(bound: number): number {
    return 1 + (viewOf(this.#options.random.bytes(4)).getUint32(0, true) % (bound - 1));
  }

  #pad(length: number): void {
    this.add(ResourceType.padding, asMac(this.#options.random.bytes(32)), this.#options.random.bytes(length));
  }

  #record(type: ResourceType, mac: Mac, length: number): void {
    this.#index.add(type, V1_0_0, mac, this.#length - WRAPPER_HEADER_BYTES, length);
  }

  #append(bytes: Uint8Array): void {
    this.#ensure(bytes.length);
    this.#file.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Whatever comes behind the last blob. */
  #ensure(more: number): void {
    const needed = this.#length + more + WRAPPER_TRAILER_BYTES;
    if (needed <= this.#file.length) return;
    const larger = new Uint8Array(needed + ROOM_BEHIND_BYTES);
    larger.set(this.#file.subarray(0, this.#length));
    this.#file = larger;
  }
}

/** MAC of something larger than kernel memory, streamed through it. */
export function macOfWhole(sealer: Sealer, bytes: Uint8Array): Mac {
  const mac = sealer.createMac();
  mac.update(bytes);
  return mac.digest();
}
