import { concatBytes, PlakarError } from "../foundation/index.ts";
import { writeOffset } from "./offset.ts";
import * as layout from "./state-layout.ts";
import { STATE_VERSION } from "./version.ts";

/** The plaintext grows part by part: one buffer that doubles would touch its memory four times. */
const FIRST_PART_BYTES = 4096;
const LARGEST_PART_BYTES = 1 << 20;

export interface StateLocation {
  readonly type: number;
  readonly version: number;
  readonly mac: Uint8Array;
  readonly packfile: Uint8Array;
  readonly offset: number;
  readonly length: number;
  readonly flags: number;
}

export interface StateColoured {
  readonly type: number;
  readonly id: Uint8Array;
  readonly timestampNs: bigint;
}

export interface StatePackfile {
  readonly packfile: Uint8Array;
  readonly state: Uint8Array;
  readonly timestampNs: bigint;
}

/** Takes back an entry of the kind `deletedKind`: 2 a location, 3 a colour (its id is `mac`), 4 a packfile. */
export interface StateDelete {
  readonly deletedKind: number;
  readonly type: number;
  readonly mac: Uint8Array;
  readonly packfile: Uint8Array;
}

/** How large the plaintext of a state is with so many entries of these kinds. */
export function stateBytes({ locations, packfiles }: { locations: number; packfiles: number }): number {
  const entries =
    locations * (layout.ENTRY_HEADER_BYTES + layout.LOCATION_BYTES) +
    packfiles * (layout.ENTRY_HEADER_BYTES + layout.PACKFILE_BYTES);
  return layout.ID_BYTES + entries + layout.TRAILER_BYTES;
}

/** Builds a state's plaintext, version 1.1.0; entries keep the order of the calls (Go: delete, location, coloured, packfile). */
export class StateWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_PART_BYTES);
  #view: DataView = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #parts: Uint8Array[] = [];

  /** `parent`: the state merged last, or none. */
  constructor(parent: Uint8Array = new Uint8Array(layout.ID_BYTES)) {
    this.#id(this.#room(layout.ID_BYTES), parent);
  }

  location({ type, version, mac, packfile, offset, length, flags }: StateLocation): void {
    const at = this.#entry(layout.KIND_LOCATION, layout.LOCATION_BYTES);
    const view = this.#view;
    this.#bytes[at] = type;
    view.setUint32(at + 1, version, true);
    this.#id(at + 5, mac);
    this.#id(at + 37, packfile);
    writeOffset(view, at + 69, offset);
    view.setUint32(at + 77, length, true);
    view.setUint32(at + 81, flags, true);
  }

  coloured({ type, id, timestampNs }: StateColoured): void {
    const at = this.#entry(layout.KIND_COLOURED, layout.COLOURED_BYTES);
    this.#bytes[at] = type;
    this.#id(at + 1, id);
    this.#view.setBigInt64(at + 33, timestampNs, true);
  }

  packfile({ packfile, state, timestampNs }: StatePackfile): void {
    const at = this.#entry(layout.KIND_PACKFILE, layout.PACKFILE_BYTES);
    this.#id(at, packfile);
    this.#id(at + 32, state);
    this.#view.setBigInt64(at + 64, timestampNs, true);
  }

  delete({ deletedKind, type, mac, packfile }: StateDelete): void {
    const at = this.#entry(layout.KIND_DELETE, layout.DELETE_BYTES);
    this.#bytes[at] = deletedKind;
    this.#bytes[at + 1] = type;
    this.#id(at + 2, mac);
    this.#id(at + 34, packfile);
  }

  /** Hands over what is full so far, for whoever seals a large state part by part; `finish` answers the rest. */
  takeParts(): Uint8Array[] {
    return this.#parts.splice(0);
  }

  /**
   * Adds the trailer and answers the plaintext; the writer is not to be used again. The command line of the Go
   * implementation writes zeros as serial.
   */
  finish(trailer: { readonly timestampNs: bigint; readonly serial?: Uint8Array }): Uint8Array<ArrayBuffer> {
    const at = this.#room(layout.TRAILER_BYTES);
    this.#bytes.fill(0, at, at + layout.TRAILER_BYTES);
    this.#bytes[at] = layout.KIND_END;
    this.#view.setUint32(at + 1, STATE_VERSION, true);
    this.#view.setBigInt64(at + 5, trailer.timestampNs, true);
    if (trailer.serial) this.#bytes.set(trailer.serial.subarray(0, layout.SERIAL_BYTES), at + 13);
    return concatBytes([...this.#parts, this.#bytes.subarray(0, this.#length)]);
  }

  /** Begins an entry and answers where its payload does. */
  #entry(kind: number, size: number): number {
    const at = this.#room(layout.ENTRY_HEADER_BYTES + size);
    this.#bytes[at] = kind;
    this.#view.setUint32(at + 1, size, true);
    return at + layout.ENTRY_HEADER_BYTES;
  }

  #id(at: number, id: Uint8Array): void {
    if (id.length !== layout.ID_BYTES) {
      throw new PlakarError("bug", `a state was given an id of ${id.length} bytes`, { kind: "bug" });
    }
    this.#bytes.set(id, at);
  }

  #room(size: number): number {
    if (this.#length + size > this.#bytes.length) {
      this.#parts.push(this.#bytes.subarray(0, this.#length));
      this.#bytes = new Uint8Array(Math.min(this.#bytes.length * 4, LARGEST_PART_BYTES));
      this.#view = new DataView(this.#bytes.buffer);
      this.#length = 0;
    }
    const at = this.#length;
    this.#length = at + size;
    return at;
  }
}
