import type { Mac } from "../format/index.ts";
import type { TakenChild } from "./item.ts";

/** A listing that is stored, with all its chunks, in packfiles that may be relied on. */
export interface StoredListing {
  readonly object: Mac;
  readonly bytes: Uint8Array;
}

/** Puts a listing together: frames that are new, and what is taken over from older listings, neighbours as one piece. */
export class ListingWriter {
  readonly #parts: Uint8Array[] = [];
  /** What was taken over last, as long as nothing else came behind. */
  #listing: Uint8Array | undefined;
  #start = 0;
  #end = 0;

  add(frame: Uint8Array): void {
    this.#flush();
    this.#parts.push(frame);
  }

  take({ listing, start, end }: TakenChild): void {
    if (this.#listing !== listing || this.#end !== start) {
      this.#flush();
      this.#listing = listing;
      this.#start = start;
    }
    this.#end = end;
  }

  /** Whether it is the same as a whole, without comparing what was not taken over from it. */
  isJust({ bytes }: StoredListing): boolean {
    if (bytes.length === 0) return this.#parts.length === 0 && !this.#listing;
    return this.#parts.length === 0 && this.#listing === bytes && this.#start === 0 && this.#end === bytes.length;
  }

  finish(): Uint8Array {
    this.#flush();
    return this.#parts.length === 1 ? (this.#parts[0] as Uint8Array) : Buffer.concat(this.#parts);
  }

  #flush(): void {
    if (this.#listing) this.#parts.push(this.#listing.subarray(this.#start, this.#end));
    this.#listing = undefined;
  }
}
