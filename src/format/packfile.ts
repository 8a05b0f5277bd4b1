import { corrupted, viewOf } from "../foundation/index.ts";
import { asMac, MAC_BYTES, type Mac } from "./identifiers.ts";
import { readOffset, writeOffset } from "./offset.ts";

/** Where a blob lies in its packfile: `offset` from the start of the body (kloset-format section 5). */
export interface PackIndexEntry {
  readonly type: number;
  readonly version: number;
  readonly mac: Mac;
  readonly offset: number;
  readonly length: number;
  readonly flags: number;
}

export interface PackFooter {
  readonly timestampNs: bigint;
  readonly count: number;
  readonly indexOffset: number;
  readonly indexMac: Mac;
  readonly flags: number;
}

const PACK_RECORD_BYTES = 56;
const PACK_FOOTER_BYTES = 56;

export function encodePackIndex(entries: readonly PackIndexEntry[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(entries.length * PACK_RECORD_BYTES);
  const view = viewOf(bytes);
  let at = 0;
  for (const { type, version, mac, offset, length, flags } of entries) {
    view.setUint32(at, type, true);
    view.setUint32(at + 4, version, true);
    bytes.set(mac, at + 8);
    writeOffset(view, at + 40, offset);
    view.setUint32(at + 48, length, true);
    view.setUint32(at + 52, flags, true);
    at += PACK_RECORD_BYTES;
  }
  return bytes;
}

/** A packfile's index in the making: record by record, without an object for each. */
export class PackIndexWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(64 * PACK_RECORD_BYTES);
  #view: DataView = viewOf(this.#bytes);
  count = 0;

  add(type: number, version: number, mac: Uint8Array, offset: number, length: number): void {
    const at = this.count * PACK_RECORD_BYTES;
    if (at === this.#bytes.length) this.#grow();
    const view = this.#view;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, version, true);
    this.#bytes.set(mac, at + 8);
    writeOffset(view, at + 40, offset);
    view.setUint32(at + 48, length, true);
    this.count++;
  }

  /** The index from a record on; offsets count from `origin`. The bytes are the caller's own. */
  finish(from = 0, origin = 0): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(from * PACK_RECORD_BYTES, this.count * PACK_RECORD_BYTES);
    const view = viewOf(bytes);
    if (origin !== 0)
      for (let at = 40; at < bytes.length; at += PACK_RECORD_BYTES)
        writeOffset(view, at, readOffset(view, at) - origin);
    return bytes;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

/** How many blobs an index of this length tells of. */
export function packIndexCount(indexBytes: number): number {
  return indexBytes / PACK_RECORD_BYTES;
}

/** Fails with `pack-index-damaged` (kind corrupted). */
export function decodePackIndex(bytes: Uint8Array): PackIndexEntry[] {
  if (bytes.length % PACK_RECORD_BYTES !== 0)
    throw corrupted("pack-index-damaged", "a packfile's index has an odd length");
  const view = viewOf(bytes);
  const entries: PackIndexEntry[] = [];
  for (let at = 0; at < bytes.length; at += PACK_RECORD_BYTES) {
    entries.push({
      type: view.getUint32(at, true),
      version: view.getUint32(at + 4, true),
      mac: macAt(bytes, at + 8),
      offset: readOffset(view, at + 40),
      length: view.getUint32(at + 48, true),
      flags: view.getUint32(at + 52, true),
    });
  }
  return entries;
}

export function encodePackFooter(footer: PackFooter): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PACK_FOOTER_BYTES);
  const view = viewOf(bytes);
  view.setBigInt64(0, footer.timestampNs, true);
  view.setUint32(8, footer.count, true);
  writeOffset(view, 12, footer.indexOffset);
  bytes.set(footer.indexMac, 20);
  view.setUint32(52, footer.flags, true);
  return bytes;
}

/** Fails with `pack-footer-damaged` (kind corrupted). */
export function decodePackFooter(bytes: Uint8Array): PackFooter {
  if (bytes.length !== PACK_FOOTER_BYTES)
    throw corrupted("pack-footer-damaged", "a packfile's footer has a wrong length");
  const view = viewOf(bytes);
  return {
    timestampNs: view.getBigInt64(0, true),
    count: view.getUint32(8, true),
    indexOffset: readOffset(view, 12),
    indexMac: macAt(bytes, 20),
    flags: view.getUint32(52, true),
  };
}

function macAt(bytes: Uint8Array, at: number): Mac {
  return asMac(bytes.subarray(at, at + MAC_BYTES));
}
