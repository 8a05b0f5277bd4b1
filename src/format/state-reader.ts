import { concatBytes, corrupted, type PlakarError, viewOf } from "../foundation/index.ts";
import { asMac, type Mac } from "./identifiers.ts";
import { readOffset } from "./offset.ts";
import * as layout from "./state-layout.ts";
import { STATE_VERSION } from "./version.ts";

/** What is done with each entry of a state; kinds without a method are leapt over. */
export interface StateVisitor {
  /** MACs are at `macAt` and `packfileAt` of `bytes`: millions of these must not allocate. */
  location?(
    type: number,
    version: number,
    bytes: Uint8Array,
    macAt: number,
    packfileAt: number,
    offset: number,
    length: number,
    flags: number,
  ): void;
  coloured?(entry: { type: number; id: Mac; timestampNs: bigint }): void;
  packfile?(entry: { packfile: Mac; state: Mac; timestampNs: bigint }): void;
  delete?(entry: { deletedKind: number; type: number; mac: Mac; packfile: Mac }): void;
  /** The latest one of a key counts. */
  configuration?(entry: { key: Uint8Array; value: Uint8Array; timestampNs: bigint }): void;
  /** An entry of a kind that this version does not know. */
  unknown?(kind: number): void;
}

export interface StateFrame {
  /** Zeros where there is none, and in version 1.0.0. */
  readonly parent: Mac;
  readonly timestampNs: bigint;
  readonly serial: Uint8Array<ArrayBuffer>;
}

/**
 * Visits the entries of a state's plaintext in their order; `version` is the wrapper's. Fails with `state-damaged` or
 * `offset-damaged` (kind corrupted); what was visited until then is to be thrown away.
 */
export function readState(plain: Uint8Array, version: number, visitor: StateVisitor): StateFrame {
  const parser = new StateParser(version, visitor);
  parser.add(plain);
  return parser.finish();
}

/** Longer than any entry of a known kind. */
const MAX_HELD_BYTES = 1 << 17;

/** As `readState`, of a plaintext that comes in parts: no more than an entry is held between them. */
export class StateParser {
  readonly #visitor: StateVisitor;
  #parent: Mac = asMac(new Uint8Array(layout.ID_BYTES));
  /** The parent came with version 1.1.0. */
  #hasParent: boolean;
  #rest: Uint8Array = new Uint8Array();
  /** What is left of an entry that is leapt over. */
  #leap = 0;
  #isAtEnd = false;

  constructor(version: number, visitor: StateVisitor) {
    this.#visitor = visitor;
    this.#hasParent = version >= STATE_VERSION;
  }

  /** The visitor may look at `part` while it is called, and not later. */
  add(part: Uint8Array): void {
    if (this.#isAtEnd) {
      this.#rest = concatBytes([this.#rest, part]).slice(0, layout.TRAILER_BYTES);
      return;
    }
    const leapt = Math.min(this.#leap, part.length);
    this.#leap -= leapt;
    const fresh = part.subarray(leapt);
    const held = this.#rest.length;
    if (held === 0) {
      this.#rest = new Uint8Array(fresh.subarray(this.#visit(fresh)));
      return;
    }
    // what began before ends in the first bytes of this part, mostly
    const seam = concatBytes([this.#rest, fresh.subarray(0, MAX_HELD_BYTES)]);
    const visited = this.#visit(seam);
    if (visited < held) {
      this.#rest = concatBytes([this.#rest, fresh]).subarray(visited);
      return;
    }
    const behind = fresh.subarray(visited - held);
    this.#rest = new Uint8Array(this.#leap > 0 ? this.#leapOver(behind) : behind.subarray(this.#visit(behind)));
  }

  /** Fails unless everything was there. */
  finish(): StateFrame {
    if (this.#hasParent) throw damaged("its beginning is cut off");
    if (this.#leap > 0) throw damaged("an entry is cut off");
    if (!this.#isAtEnd)
      throw damaged(this.#rest.length < layout.ENTRY_HEADER_BYTES ? "it has no end" : "an entry is cut off");
    return { parent: this.#parent, ...readTrailer(this.#rest) };
  }

  #leapOver(bytes: Uint8Array): Uint8Array {
    const leapt = Math.min(this.#leap, bytes.length);
    this.#leap -= leapt;
    const behind = bytes.subarray(leapt);
    return behind.subarray(this.#visit(behind));
  }

  /** Answers how many bytes of them were visited. */
  #visit(plain: Uint8Array): number {
    let at = 0;
    if (this.#hasParent) {
      if (plain.length < layout.ID_BYTES) return 0;
      this.#parent = idAt(plain, 0);
      this.#hasParent = false;
      at = layout.ID_BYTES;
    }
    const view = viewOf(plain);
    while (!this.#isAtEnd) {
      const kind = plain[at];
      if (kind === layout.KIND_END) {
        this.#isAtEnd = true;
        break;
      }
      const start = at + layout.ENTRY_HEADER_BYTES;
      if (kind === undefined || start > plain.length) break;
      const size = view.getUint32(at + 1, true);
      if (size > MAX_HELD_BYTES) {
        if (kind <= layout.KIND_DELETE) throw wrongLength(kind);
        this.#visitor.unknown?.(kind);
        this.#leap = Math.max(0, start + size - plain.length);
        if (this.#leap > 0) return plain.length;
      } else {
        if (start + size > plain.length) break;
        if (kind === layout.KIND_LOCATION) visitLocation(plain, view, start, size, this.#visitor);
        else visitOther(plain, view, kind, start, size, this.#visitor);
      }
      at = start + size;
    }
    return at;
  }
}

function visitLocation(plain: Uint8Array, view: DataView, start: number, size: number, visitor: StateVisitor): void {
  if (size !== layout.LOCATION_BYTES) throw wrongLength(layout.KIND_LOCATION);
  visitor.location?.(
    plain[start] as number,
    view.getUint32(start + 1, true),
    plain,
    start + 5,
    start + 37,
    readOffset(view, start + 69),
    view.getUint32(start + 77, true),
    view.getUint32(start + 81, true),
  );
}

function readTrailer(end: Uint8Array): Omit<StateFrame, "parent"> {
  if (end.length < layout.TRAILER_BYTES) throw damaged("its end is cut off");
  const serial = new Uint8Array(end.subarray(13, layout.TRAILER_BYTES));
  return { timestampNs: viewOf(end).getBigInt64(5, true), serial };
}

/** The kinds of which there are few. */
function visitOther(
  plain: Uint8Array,
  view: DataView,
  kind: number,
  at: number,
  size: number,
  visitor: StateVisitor,
): void {
  switch (kind) {
    case layout.KIND_COLOURED: {
      if (size !== layout.COLOURED_BYTES) throw wrongLength(kind);
      const timestampNs = view.getBigInt64(at + 33, true);
      visitor.coloured?.({ type: plain[at] as number, id: idAt(plain, at + 1), timestampNs });
      return;
    }
    case layout.KIND_PACKFILE: {
      if (size !== layout.PACKFILE_BYTES) throw wrongLength(kind);
      const timestampNs = view.getBigInt64(at + 64, true);
      visitor.packfile?.({ packfile: idAt(plain, at), state: idAt(plain, at + 32), timestampNs });
      return;
    }
    case layout.KIND_DELETE: {
      if (size !== layout.DELETE_BYTES) throw wrongLength(kind);
      const [deletedKind, type] = [plain[at] as number, plain[at + 1] as number];
      visitor.delete?.({ deletedKind, type, mac: idAt(plain, at + 2), packfile: idAt(plain, at + 34) });
      return;
    }
    case layout.KIND_CONFIGURATION:
      visitor.configuration?.(configurationAt(plain, view, at, size));
      return;
    default:
      visitor.unknown?.(kind);
  }
}

/** u8 length, key, u16 length, value, i64 time */
function configurationAt(
  plain: Uint8Array,
  view: DataView,
  at: number,
  size: number,
): { key: Uint8Array; value: Uint8Array; timestampNs: bigint } {
  const keyLength = size > 0 ? (plain[at] as number) : 0;
  const valueAt = at + 1 + keyLength + 2;
  const valueLength = valueAt <= at + size ? view.getUint16(valueAt - 2, true) : 0;
  if (1 + keyLength + 2 + valueLength + 8 !== size) throw wrongLength(layout.KIND_CONFIGURATION);
  return {
    key: new Uint8Array(plain.subarray(at + 1, at + 1 + keyLength)),
    value: new Uint8Array(plain.subarray(valueAt, valueAt + valueLength)),
    timestampNs: view.getBigInt64(valueAt + valueLength, true),
  };
}

function idAt(plain: Uint8Array, at: number): Mac {
  return asMac(plain.subarray(at, at + layout.ID_BYTES));
}

function wrongLength(kind: number): PlakarError {
  return damaged(`an entry of kind ${kind} has a wrong length`);
}

function damaged(how: string): PlakarError {
  return corrupted("state-damaged", `a state is damaged: ${how}`);
}
