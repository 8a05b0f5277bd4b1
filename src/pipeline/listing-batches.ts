import { MAC_BYTES } from "../format/index.ts";
import type { StoredListings, WorkerRequest } from "./protocol.ts";

/** So much of small directories travels together. */
const BATCH_BYTES = 128 << 10;

/** What one directory is stored under. */
export interface StoredListing {
  /** Of its entries, 32 bytes each. */
  readonly macs: Uint8Array;
  readonly object: Uint8Array;
  readonly healed: boolean;
}

interface Waiting {
  readonly listing: Uint8Array;
  readonly entries: number;
  readonly resolve: (stored: StoredListing) => void;
  readonly reject: (error: unknown) => void;
}

type Request = Extract<WorkerRequest, { kind: "store-listings" }>;

/** Collects listings until they are worth a message; none waits longer than what is known at the same time as it. */
export class ListingBatches {
  readonly #send: (request: Request) => Promise<StoredListings>;
  #batch: Waiting[] = [];
  #bytes = 0;
  #isScheduled = false;

  constructor(send: (request: Request) => Promise<StoredListings>) {
    this.#send = send;
  }

  /** Resolves once a worker has stored it. `entries`: how many are in it. */
  store(listing: Uint8Array, entries: number): Promise<StoredListing> {
    return new Promise((resolve, reject) => {
      this.#batch.push({ listing, entries, resolve, reject });
      this.#bytes += listing.length;
      if (this.#bytes >= BATCH_BYTES) this.#flush();
      else if (!this.#isScheduled) {
        this.#isScheduled = true;
        setImmediate(() => {
          this.#isScheduled = false;
          this.#flush();
        });
      }
    });
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    const bytes = new Uint8Array(this.#bytes);
    const ends = new Uint32Array(batch.length);
    let end = 0;
    for (const [at, { listing }] of batch.entries()) {
      bytes.set(listing, end);
      end += listing.length;
      ends[at] = end;
    }
    this.#batch = [];
    this.#bytes = 0;
    this.#send({ kind: "store-listings", bytes, ends }).then(
      (stored) => answer(batch, stored),
      (error: unknown) => {
        for (const { reject } of batch) reject(error);
      },
    );
  }
}

function answer(batch: readonly Waiting[], { macs, objects, healed }: StoredListings): void {
  let start = 0;
  for (const [at, { entries, resolve }] of batch.entries()) {
    const end = start + entries * MAC_BYTES;
    const object = objects.subarray(at * MAC_BYTES, (at + 1) * MAC_BYTES);
    resolve({ macs: macs.subarray(start, end), object, healed });
    start = end;
  }
}
