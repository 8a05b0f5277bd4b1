import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { concatBytes, equalBytes, fromHex, makeDirectories, systemRandom, toHex, viewOf } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { MergedState } from "./merged-state.ts";
import type { PackfileList } from "./packfile-list.ts";
import { SCRATCH_SUFFIX } from "./scratch-file.ts";

/*
 * Headers of snapshots, kept between runs: whoever lists a thousand snapshots opens one file instead of a thousand blobs. They
 * are sealed as the store seals its blobs, for they name what was backed up; a keyed MAC over the whole finds damage.
 *
 *   8 magic | sealed: for each header 32 id, u32 length, content | 32 MAC
 */
const MAGIC = Buffer.from("PLKHEAD1");
const MAC_BYTES = 32;
const ID_BYTES = 32;
const MAX_BYTES = 1 << 28;

/** Where kept headers lie; the file is made when there are any. */
export interface HeaderPlace {
  readonly directory: string;
  readonly path: string;
}

/**
 * A snapshot's header never changes, so that one which was read once, and was sound, holds for as long as the states name the
 * snapshot, and the packfile that it lies in is there at its full length.
 */
export class KeptHeaders {
  readonly #place: HeaderPlace | undefined;
  readonly #sealer: Sealer;
  readonly #state: MergedState;
  readonly #packfiles: PackfileList;
  readonly #headers: Map<string, Uint8Array>;
  #isChanged = false;

  constructor(place: HeaderPlace | undefined, sealer: Sealer, state: MergedState, packfiles: PackfileList) {
    this.#place = place;
    this.#sealer = sealer;
    this.#state = state;
    this.#packfiles = packfiles;
    this.#headers = place ? load(place.path, sealer) : new Map();
  }

  /** The content of a snapshot's header, if it was kept and may be believed. */
  get(id: string): Uint8Array | undefined {
    const header = this.#headers.get(id);
    return header && this.#isStillThere(id) ? header : undefined;
  }

  /** Keeps the content of a header that was read, and is sound. */
  add(id: string, header: Uint8Array): void {
    this.#headers.set(id, new Uint8Array(header));
    this.#isChanged = true;
  }

  /** Writes what is new. Failing to is no error: it only saves time. */
  save(): void {
    if (!this.#isChanged || !this.#place) return;
    this.#isChanged = false;
    const { directory, path } = this.#place;
    const temporary = `${path}.${toHex(systemRandom.bytes(6))}${SCRATCH_SUFFIX}`;
    try {
      makeDirectories(directory, 0o700);
      writeFileSync(temporary, this.#encode(), { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  #isStillThere(id: string): boolean {
    const state = this.#state;
    return (state.headers.get(id) ?? []).some((pack) => {
      const packfile = state.packs.idOf(pack);
      if (!state.isReadable(pack) || !this.#packfiles.has(packfile)) return false;
      const sizeBytes = this.#packfiles.sizeOf(packfile);
      return sizeBytes === undefined || sizeBytes >= state.leastSizeOf(pack);
    });
  }

  #encode(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const [id, header] of this.#headers) {
      if (!this.#state.headers.has(id)) continue;
      const length = new Uint8Array(4);
      viewOf(length).setUint32(0, header.length, true);
      parts.push(fromHex(id), length, header);
    }
    const content = concatBytes([MAGIC, this.#sealer.seal(concatBytes(parts))]);
    return concatBytes([content, this.#sealer.mac(content)]);
  }
}

/** Nothing where there is no file, or one that cannot be believed. */
function load(path: string, sealer: Sealer): Map<string, Uint8Array> {
  try {
    const file = new Uint8Array(readFileSync(path));
    const content = file.subarray(0, Math.max(0, file.length - MAC_BYTES));
    const isOurs = content.length > MAGIC.length && equalBytes(content.subarray(0, MAGIC.length), MAGIC);
    if (!isOurs || !equalBytes(sealer.mac(content), file.subarray(content.length))) return new Map();
    return decode(sealer.open(content.subarray(MAGIC.length), { maxBytes: MAX_BYTES, what: "the kept headers" }));
  } catch {
    return new Map();
  }
}

function decode(content: Uint8Array): Map<string, Uint8Array> {
  const headers = new Map<string, Uint8Array>();
  const view = viewOf(content);
  for (let at = 0; at < content.length; ) {
    const start = at + ID_BYTES + 4;
    const end = start + view.getUint32(at + ID_BYTES, true);
    headers.set(toHex(content.subarray(at, at + ID_BYTES)), content.subarray(start, end));
    at = end;
  }
  return headers;
}
