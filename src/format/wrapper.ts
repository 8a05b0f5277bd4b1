import { corrupted, equalBytes, viewOf } from "../foundation/index.ts";
import type { ResourceType } from "./identifiers.ts";
import { newerVersion } from "./version.ts";

/** Of every file in a store, around its body: magic, type and version before it, its MAC after it. */
export const WRAPPER_HEADER_BYTES = 16;
export const WRAPPER_TRAILER_BYTES = 32;
const magic = Buffer.from("_KLOSET_");
/** What stores of before the format had its name begin with. */
const oldMagic = Buffer.from("_PLAKAR_");

/** A MAC over bytes: the repository's own, or CONFIG's. */
export type MacFunction = (bytes: Uint8Array) => Uint8Array;

/** The first 16 bytes of every file in a store (kloset-format section 1). */
export function wrapperHeader(type: ResourceType, version: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(WRAPPER_HEADER_BYTES);
  header.set(magic);
  const view = viewOf(header);
  view.setUint32(8, type, true);
  view.setUint32(12, version, true);
  return header;
}

/** Header, body, and the MAC over both. */
export function wrap(type: ResourceType, version: number, body: Uint8Array, mac: MacFunction): Uint8Array<ArrayBuffer> {
  const end = WRAPPER_HEADER_BYTES + body.length;
  const file = new Uint8Array(end + WRAPPER_TRAILER_BYTES);
  file.set(wrapperHeader(type, version));
  file.set(body, WRAPPER_HEADER_BYTES);
  file.set(mac(file.subarray(0, end)), end);
  return file;
}

export interface Expectation {
  readonly type: ResourceType;
  readonly maxVersion: number;
  /** For errors: "state 1a2b3c4d". */
  readonly what: string;
}

/**
 * Takes the wrapper off and verifies it. Fails with `wrapper-damaged` or `mac-mismatch` (kind corrupted), or kind `newer`.
 * The MAC is compared first: a newer version is believed only when its bytes are sound.
 */
export function unwrap(
  bytes: Uint8Array,
  expect: Expectation,
  mac: MacFunction,
): { version: number; body: Uint8Array } {
  const { type, version, body, trailer } = unwrapUnchecked(bytes);
  if (!equalBytes(mac(bytes.subarray(0, bytes.length - WRAPPER_TRAILER_BYTES)), trailer)) {
    throw corrupted("mac-mismatch", `${expect.what} is damaged: its bytes are not those that were written`);
  }
  if (type !== expect.type) throw corrupted("wrapper-damaged", `${expect.what} is of another type (${type})`);
  if (version > expect.maxVersion) throw newerVersion(expect.what, version);
  return { version, body };
}

/** Takes the wrapper off without its MAC: for CONFIG, which must be read before its key is known. */
export function unwrapUnchecked(bytes: Uint8Array): {
  type: number;
  version: number;
  body: Uint8Array;
  trailer: Uint8Array;
} {
  if (bytes.length < WRAPPER_HEADER_BYTES + WRAPPER_TRAILER_BYTES)
    throw corrupted("wrapper-damaged", `only ${bytes.length} bytes are left`);
  const start = bytes.subarray(0, 8);
  if (!equalBytes(start, magic) && !equalBytes(start, oldMagic)) {
    throw corrupted("wrapper-damaged", "it does not begin as a Kloset file does");
  }
  const view = viewOf(bytes);
  return {
    type: view.getUint32(8, true),
    version: view.getUint32(12, true),
    body: bytes.subarray(WRAPPER_HEADER_BYTES, bytes.length - WRAPPER_TRAILER_BYTES),
    trailer: bytes.subarray(bytes.length - WRAPPER_TRAILER_BYTES),
  };
}
