import { MAC_BYTES, type Mac, ResourceType, readDirpackFrame } from "../format/index.ts";
import { LISTING_CONTENT_TYPE, putContent } from "../repository/contract.ts";
import type { Sealer } from "../sealing/index.ts";
import type { PackWriter } from "./pack-writer.ts";
import type { StoredListings } from "./protocol.ts";

/**
 * The way of directories all of whose entries are new: each entry is named by its MAC, which goes behind it in the listing; entries and
 * listing are sealed and packed, beside each other and apart from contents, for so they are read.
 */
export class ListingStorer {
  readonly #sealer: Sealer;
  readonly #packs: PackWriter;
  readonly #chunkBytes: number;
  #hasHealed = false;

  constructor(sealer: Sealer, packs: PackWriter, chunkBytes: number) {
    this.#sealer = sealer;
    this.#packs = packs;
    this.#chunkBytes = chunkBytes;
  }

  /** `bytes`: listings up to each of `ends`, with room for the MACs, which are put there. */
  store(bytes: Uint8Array<ArrayBuffer>, ends: Uint32Array): StoredListings {
    this.#hasHealed = false;
    const macs: Mac[] = [];
    const objects = new Uint8Array(ends.length * MAC_BYTES);
    let start = 0;
    for (const [at, end] of ends.entries()) {
      const listing = bytes.subarray(start, end);
      for (let frame = 0; frame < listing.length; ) frame = this.#storeEntry(listing, frame, macs);
      objects.set(this.#storeContent(listing), at * MAC_BYTES);
      start = end;
    }
    return { macs: new Uint8Array(Buffer.concat(macs)), objects, healed: this.#hasHealed };
  }

  /** Answers where the next frame begins. */
  #storeEntry(listing: Uint8Array, at: number, macs: Mac[]): number {
    const { entryStart, end } = readDirpackFrame(listing, at);
    const mac = this.#put(ResourceType.vfsEntry, listing.subarray(entryStart, end - MAC_BYTES));
    listing.set(mac, end - MAC_BYTES);
    macs.push(mac);
    return end;
  }

  #storeContent(content: Uint8Array): Mac {
    const put = (type: ResourceType, plain: Uint8Array): Mac => this.#put(type, plain);
    const mac = (whole: Uint8Array): Mac => this.#sealer.mac(whole);
    return putContent(content, LISTING_CONTENT_TYPE, { put, mac, chunkBytes: this.#chunkBytes });
  }

  #put(type: ResourceType, plain: Uint8Array): Mac {
    const mac = this.#sealer.mac(plain);
    if (!this.#packs.isNew(type, mac)) return mac;
    this.#hasHealed ||= this.#packs.wasLost(type, mac);
    this.#packs.add(type, mac, this.#sealer.sealed(plain));
    return mac;
  }
}
