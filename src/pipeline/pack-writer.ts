import type { Mac, ResourceType } from "../format/index.ts";
import { systemClock, systemRandom } from "../foundation/index.ts";
import { BlobIndex, Packer, type SealedBlobs } from "../repository/contract.ts";
import type { Sealer } from "../sealing/index.ts";
import { Claims } from "./claims.ts";
import type { BackupSetup, FromWorker } from "./protocol.ts";

const PACKS_UNDER_WAY = 1;
/** Less than this is packed together with the snapshot's metadata. */
const LITTLE_BYTES = 1 << 20;

export interface PackWriterOptions extends BackupSetup {
  readonly sealer: Sealer;
  readonly post: (message: FromWorker, transfer: ArrayBuffer[]) => void;
}

/** A worker's packfiles of one kind: what nobody has yet goes in, and full ones to the main thread, which stores them. */
export class PackWriter {
  readonly #post: PackWriterOptions["post"];
  readonly #index: BlobIndex;
  readonly #trusted: Uint8Array;
  readonly #claims: Claims;
  readonly #packer: Packer;
  readonly #underWay: Int32Array;

  constructor(options: PackWriterOptions) {
    const { sealer, packTargetBytes: targetBytes, packPaddingBytes: paddingBytes } = options;
    this.#post = options.post;
    this.#index = BlobIndex.fromShared(options.index);
    this.#trusted = new Uint8Array(options.index.trusted);
    this.#claims = new Claims(options.claims);
    this.#underWay = new Int32Array(options.packsUnderWay);
    this.#packer = new Packer({ sealer, clock: systemClock, random: systemRandom, targetBytes, paddingBytes });
  }

  /** Whether a blob is neither in the store nor anybody else's to store: then the caller must. */
  isNew(type: number, mac: Mac): boolean {
    if (this.#index.has(type, mac, this.#trusted)) return false;
    return this.#claims.claim(type, mac);
  }

  /** Whether the store had a new blob once, in a packfile that is not trusted any more. */
  wasLost(type: number, mac: Mac): boolean {
    return this.#index.hasAnywhere(type, mac);
  }

  /** Copies a sealed blob into the packfile. */
  add(type: ResourceType, mac: Mac, sealed: Uint8Array): void {
    this.#packer.add(type, mac, sealed);
    if (this.#packer.isFull) this.#handOver();
  }

  /** Hands over the last, partly filled packfile; what is too little for one is answered. */
  finish(): SealedBlobs | undefined {
    const rest = this.#packer.giveUp(LITTLE_BYTES);
    if (rest === undefined) this.#handOver();
    return rest;
  }

  /** The bytes of a packfile that is stored, to be written over; false where there are some already. */
  takeBack(bytes: Uint8Array<ArrayBuffer>): boolean {
    return this.#packer.takeBack(bytes);
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
    this.#post({ kind: "pack", id, bytes, index }, [bytes.buffer]);
  }
}
