import { fromText, toBytes, toHex } from "../foundation/index.ts";
import type { LocalMac } from "../sealing/index.ts";

/*
 * The base of an index as it lies on the disk and in memory: blobs in the order of their rows (blob-record.ts), 26 bytes each.
 *
 *   blocks   of 1024 blobs: 16 bytes of key each (rows' words 1 to 4), then 10 bytes of place each:
 *            3 pack, 4 offset in the packfile's body, 3 sealed length (all ones: 4 is the number of a large place)
 *   fan-out  65,537 words: how many blobs come before those that begin with two bytes
 *   MACs     16 bytes for each block
 *   large    offset and length as doubles, of places that 4 and 3 bytes do not hold
 *
 * What comes after the blocks has one MAC, which whoever refers to the base knows.
 */
export const BLOCK_BLOBS = 1024;
export const BLOCK_SHIFT = 10;
export const KEY_WORDS = 4;
export const PLACE_BYTES = 10;
/** Where places begin in a block. */
export const PLACES_AT: number = BLOCK_BLOBS * KEY_WORDS * 4;
export const BLOCK_BYTES: number = PLACES_AT + BLOCK_BLOBS * PLACE_BYTES;
export const BLOCK_WORDS: number = BLOCK_BYTES / 4;
export const PREFIXES = 65_536;
export const FAN_OUT_BYTES: number = (PREFIXES + 1) * 4;
export const MAC_BYTES = 16;
export const LARGE_BYTES = 16;
/** In the place of a length: the place is a large one. */
export const LARGE_MARK = 0xff_ffff;
export const MAX_SMALL_OFFSET: number = 2 ** 32 - 1;

/** What identifies a base, and tells how large its file is. */
export interface BaseFacts {
  readonly count: number;
  readonly large: number;
  /** Over all that comes after the blocks; hex. */
  readonly mac: string;
}

/** How many blocks there are. */
export function blockCount(count: number): number {
  return Math.ceil(count / BLOCK_BLOBS);
}

/** Bytes of what comes after the blocks. */
export function tailBytes({ count, large }: Pick<BaseFacts, "count" | "large">): number {
  return FAN_OUT_BYTES + blockCount(count) * MAC_BYTES + large * LARGE_BYTES;
}

/** Numbered, so that no block can stand in for another. */
export function blockMac(mac: LocalMac, block: number, bytes: Uint8Array): Uint8Array {
  return mac.of(toBytes(fromText(`block ${block} `)), bytes).subarray(0, MAC_BYTES);
}

/** The MAC of what comes after the blocks. */
export function tailMac(mac: LocalMac, count: number, tail: Uint8Array): string {
  return toHex(mac.of(toBytes(fromText(`tail ${count} `)), tail));
}
