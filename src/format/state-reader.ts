import { corrupted, type PlakarError, viewOf } from "../foundation/index.ts";
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
  const view = viewOf(plain);
  // the parent came with version 1.1.0
  let at = version >= STATE_VERSION ? layout.ID_BYTES : 0;
  if (at > plain.length) throw damaged("its beginning is cut off");
  const parent = at > 0 ? idAt(plain, 0) : asMac(new Uint8Array(layout.ID_BYTES));
  for (;;) {
    const kind = plain[at];
    if (kind === layout.KIND_END) break;
    const start = at + layout.ENTRY_HEADER_BYTES;
    if (kind === undefined || start > plain.length) throw damaged("it has no end");
    const size = view.getUint32(at + 1, true);
    if (size > plain.length - start) throw damaged("an entry is cut off");
    at = start + size;
    if (kind === layout.KIND_LOCATION) {
      if (size !== layout.LOCATION_BYTES) throw wrongLength(kind);
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
    } else visitOther(plain, view, kind, start, size, visitor);
  }
  return { parent, ...readTrailer(plain, view, at) };
}

function readTrailer(plain: Uint8Array, view: DataView, at: number): Omit<StateFrame, "parent"> {
  if (at + layout.TRAILER_BYTES > plain.length) throw damaged("its end is cut off");
  const serial = new Uint8Array(plain.subarray(at + 13, at + layout.TRAILER_BYTES));
  return { timestampNs: view.getBigInt64(at + 5, true), serial };
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
