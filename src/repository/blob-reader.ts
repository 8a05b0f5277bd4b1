import { type Mac, ResourceType, WRAPPER_HEADER_BYTES } from "../format/index.ts";
import { corrupted, equalBytes, isPlakarError, toHex } from "../foundation/index.ts";
import type { Plaintext, Sealer } from "../sealing/index.ts";
import type { Store } from "../store/contract.ts";
import type { BlobLocation } from "./blob-index.ts";
import type { MergedState } from "./merged-state.ts";

/** Metadata lies together: one range brings its neighbours along. */
const WINDOW_BYTES = 512 * 1024;
const WINDOWS = 40;
/** No sound blob expands by more: LZ4 reaches 255, gzip 1032; zstd is bounded by this alone. */
const MAX_EXPANSION = 1100;
const MAX_METADATA_BYTES = 256 << 20;

interface Window {
  readonly pack: number;
  readonly start: number;
  readonly bytes: Uint8Array;
}

interface Reading {
  readonly type: ResourceType;
  readonly mac: Mac;
  readonly what: () => string;
  readonly take: (sealed: Uint8Array, maxBytes: number) => Plaintext;
  /** Is called with what was opened and verified, before anything else is opened. */
  readonly use?: (plain: Plaintext) => void;
}

/**
 * Reads blobs: locate, fetch, open, verify. No byte is answered before its MAC is right (I-03). A blob that lies in more
 * than one pack is read from the next when one copy is damaged.
 */
export class BlobReader {
  readonly #store: Store;
  readonly #state: MergedState;
  readonly #sealer: Sealer;
  #windows: Window[] = [];

  constructor(store: Store, state: MergedState, sealer: Sealer) {
    this.#store = store;
    this.#state = state;
    this.#sealer = sealer;
  }

  /** Where a blob may be read, best place first; empty when no state names it. */
  locate(type: ResourceType, mac: Mac): BlobLocation[] {
    return this.#state.readableLocations(type, mac);
  }

  /**
   * The content of a blob. `what` names it in errors ("entry of /a/b"). Fails with kind `corrupted`: `blob-missing` when
   * no state or packfile has it, `blob-damaged` or `mac-mismatch` when its bytes are wrong.
   */
  read(type: ResourceType, mac: Mac, what: string): Promise<Plaintext> {
    return this.#read({
      type,
      mac,
      what: () => what,
      take: (sealed, maxBytes) => this.#sealer.open(sealed, { maxBytes, what }),
    });
  }

  /**
   * As `read`, for what is decoded at once and keeps no view of the bytes: they are not copied out of kernel memory. `what`
   * is asked for only when something is wrong. What `decode` throws is thrown.
   */
  async decode<T>(type: ResourceType, mac: Mac, what: () => string, decode: (plain: Plaintext) => T): Promise<T> {
    const take = (sealed: Uint8Array, maxBytes: number): Plaintext => this.#sealer.peek(sealed, maxBytes, what);
    // nothing may come in between: what was opened is good until the next call of the sealer only
    let decoded: { readonly value: T } | undefined;
    let failure: unknown;
    await this.#read({
      ...{ type, mac, what, take },
      use: (plain) => {
        try {
          decoded = { value: decode(plain) };
        } catch (error) {
          failure = error;
        }
      },
    });
    if (decoded) return decoded.value;
    throw failure;
  }

  async #read(reading: Reading): Promise<Plaintext> {
    const { type, mac, what } = reading;
    let failure: unknown;
    for (const location of this.locate(type, mac)) {
      try {
        const sealed = this.#held(location) ?? (await this.#fetchAnew(location));
        return this.#open(reading, location, sealed);
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure ?? missingBlob(type, mac, what());
  }

  /** The stored bytes of a place, without opening them. */
  async fetch(location: BlobLocation): Promise<Uint8Array> {
    return this.#held(location) ?? (await this.#fetchAnew(location));
  }

  async #fetchAnew(location: BlobLocation): Promise<Uint8Array> {
    const { offset, length } = location;
    const window = await this.#fetchWindow(location);
    if (length <= WINDOW_BYTES) {
      this.#windows.push(window);
      if (this.#windows.length > WINDOWS) this.#windows.shift();
    }
    return window.bytes.subarray(offset - window.start, offset - window.start + length);
  }

  /** What lies in a window already; that was used last is looked at first. */
  #held({ pack, offset, length }: BlobLocation): Uint8Array | undefined {
    const windows = this.#windows;
    const at = windows.findLastIndex(
      (window) =>
        window.pack === pack && window.start <= offset && offset + length <= window.start + window.bytes.length,
    );
    const window = windows[at];
    if (!window) return undefined;
    if (at < windows.length - 1) windows.push(...windows.splice(at, 1));
    return window.bytes.subarray(offset - window.start, offset - window.start + length);
  }

  /** Windows end at multiples of their size, and begin with what is wanted first, or at such a multiple when that was not the first: so no more than two overlap. */
  async #fetchWindow({ pack, offset, length }: BlobLocation): Promise<Window> {
    const id = this.#state.packs.idOf(pack);
    const get = async (start: number, end: number): Promise<Window> => {
      const range = { offset: WRAPPER_HEADER_BYTES + start, length: end - start };
      return { pack, start, bytes: await this.#store.get("packfiles", id, range) };
    };
    const isLarge = length > WINDOW_BYTES;
    const slot = offset - (offset % WINDOW_BYTES);
    const isBack = this.#windows.some(
      (each) => each.pack === pack && each.start > offset && each.start - slot < WINDOW_BYTES,
    );
    const start = isBack && !isLarge ? slot : offset;
    const windowEnd = Math.min(this.#state.packs.extentOf(pack), slot + WINDOW_BYTES);
    const end = Math.max(windowEnd, offset + length);
    try {
      return await get(start, end);
    } catch (error) {
      if (isPlakarError(error, "missing")) {
        throw corrupted("packfile-missing", `packfile ${id.slice(0, 8)} is not in the store`, { packfile: id }, error);
      }
      // Truncated behind this blob: what is left may still be whole.
      if (!isPlakarError(error, "corrupted") || end === offset + length) throw error;
      return await get(offset, offset + length);
    }
  }

  #open(reading: Reading, location: BlobLocation, sealed: Uint8Array): Plaintext {
    const { type, mac, what, take, use } = reading;
    const packfile = this.#state.packs.idOf(location.pack);
    const maxBytes = Math.min(MAX_METADATA_BYTES, sealed.length * MAX_EXPANSION + 65536);
    let plain: Plaintext;
    try {
      plain = take(sealed, maxBytes);
    } catch (error) {
      throw corrupted(
        "blob-damaged",
        `${what()} cannot be opened (packfile ${packfile.slice(0, 8)})`,
        { packfile },
        error,
      );
    }
    // Headers and signatures bear the snapshot's id, not their MAC; the header's own identifier is compared by its reader.
    const bearsMac = type !== ResourceType.snapshot && type !== ResourceType.signature;
    if (bearsMac && !equalBytes(this.#sealer.mac(plain), mac)) {
      throw corrupted("mac-mismatch", `${what()} is not what was stored (packfile ${packfile.slice(0, 8)})`, {
        packfile,
      });
    }
    use?.(plain);
    return plain;
  }
}

export function missingBlob(type: ResourceType, mac: Mac, what: string): Error {
  return corrupted("blob-missing", `${what} is missing from the store (blob ${toHex(mac).slice(0, 16)})`, {
    blob: toHex(mac),
    type,
  });
}
