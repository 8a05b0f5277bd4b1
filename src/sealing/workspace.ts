import { PlakarError } from "../foundation/index.ts";
import { type Hasher, type Kernels, SIV_OVERHEAD_BYTES } from "../kernels/index.ts";

/** A chunk of the default maximum (8 MiB), sealed, and opened beside it. */
const MOST_BYTES = (16 << 20) + (1 << 19);
/** A block of LZ4 (4 MiB) and its other form, and 64 KiB of history before each. */
const LEAST_BYTES = (8 << 20) + (1 << 19);
/** Of the arena; the rest is for the buffers of whoever reads and writes files. */
const SHARE = 3 / 8;
const DIGEST_BYTES = 32;
/** Streams that were begun and never ended (a file that fails while it is read) must not eat the arena. */
const MAX_HASHERS = 16;

/** A kernel hasher on loan. Whoever is no longer its borrower lost it to a later one. */
export interface BorrowedHasher {
  readonly hasher: Hasher;
  borrower: object | undefined;
}

/** For one slice under way. */
export interface SliceRoom {
  readonly bytes: number;
  /** Counter blocks, then the keystream. */
  readonly counters: number;
  /** Nonce and tag of a slice go here first: at their place the text itself may still lie. */
  readonly frame: number;
}

/**
 * What sealing keeps in the memory of one Kernels instance: room to work in, and which keys the kernels hold now. Shared
 * by all sealers on that instance, each of which says its key before it works. Nothing in it lives over a call.
 */
export class Workspace {
  static readonly #all = new WeakMap<Kernels, Workspace>();
  readonly kernels: Kernels;
  /** 32 bytes for results. */
  readonly digest: number;
  #staging = 0;
  #stagingBytes = 0;
  #slice: SliceRoom = { bytes: 0, counters: 0, frame: 0 };
  #macKey: Uint8Array | undefined;
  #sivKey: Uint8Array | undefined;
  readonly #hashers: BorrowedHasher[] = [];

  private constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.digest = kernels.allocate(DIGEST_BYTES);
  }

  static of(kernels: Kernels): Workspace {
    let workspace = Workspace.#all.get(kernels);
    if (!workspace) Workspace.#all.set(kernels, (workspace = new Workspace(kernels)));
    return workspace;
  }

  /** Where the room begins; taken from the arena at the first question: 8.5 to 16.5 MiB, by the size of the arena. */
  get staging(): number {
    if (this.#stagingBytes === 0) {
      const { arenaStart, arenaEnd } = this.kernels;
      const share = Math.trunc((arenaEnd - arenaStart) * SHARE);
      const bytes = Math.min(Math.max(share, LEAST_BYTES), MOST_BYTES);
      this.#staging = this.kernels.allocate(bytes);
      this.#stagingBytes = bytes;
    }
    return this.#staging;
  }

  get stagingEnd(): number {
    return this.staging + this.#stagingBytes;
  }

  /** Room for slices of this many bytes. */
  sliceRoom(bytes: number): SliceRoom {
    if (this.#slice.bytes < bytes) {
      const { kernels } = this;
      const counters = kernels.allocate(Math.ceil(bytes / 16) * 16);
      this.#slice = { bytes, counters, frame: kernels.allocate(bytes + SIV_OVERHEAD_BYTES) };
    }
    return this.#slice;
  }

  /** Makes the kernels' MACs those of this key; keys are told apart by identity. */
  useMacKey(key: Uint8Array): void {
    if (this.#macKey === key) return;
    this.kernels.macKey(key);
    this.#macKey = key;
  }

  useSivKey(key: Uint8Array): void {
    if (this.#sivKey === key) return;
    this.kernels.sivKey(key);
    this.#sivKey = key;
  }

  /** The address of bytes that lie in kernel memory already. */
  addressOf(bytes: Uint8Array): number | undefined {
    return bytes.buffer === this.kernels.bytes.buffer ? bytes.byteOffset : undefined;
  }

  /** The address of the bytes: their own, or the begin of the room, to which they are copied. They must fit. */
  place(bytes: Uint8Array): number {
    const own = this.addressOf(bytes);
    if (own !== undefined) return own;
    this.kernels.bytes.set(bytes, this.staging);
    return this.staging;
  }

  /** Where the free room begins while these bytes are in use. */
  behind(address: number, length: number): number {
    const inside = address >= this.staging && address < this.stagingEnd;
    return inside ? Math.min(Math.ceil((address + length) / 16) * 16, this.stagingEnd) : this.staging;
  }

  /** A hasher with the MAC key of now. With all sixteen on loan, the one that was lent first is taken back. */
  borrowHasher(borrower: object): BorrowedHasher {
    let at = this.#hashers.findIndex((lent) => lent.borrower === undefined);
    if (at < 0 && this.#hashers.length < MAX_HASHERS) {
      at = this.#hashers.push({ hasher: this.kernels.createHasher(), borrower: undefined }) - 1;
    }
    const [lent] = this.#hashers.splice(Math.max(at, 0), 1) as [BorrowedHasher];
    this.#hashers.push(lent);
    lent.borrower = borrower;
    lent.hasher.reset();
    return lent;
  }
}

/** For borrowers to find out that they are none any more. */
export function assertBorrowed(lent: BorrowedHasher, borrower: object): void {
  if (lent.borrower === borrower) return;
  throw new PlakarError(
    "mac-stream-ended",
    "a MAC was continued after its end, or after sixteen later ones were begun",
    {
      kind: "bug",
    },
  );
}
