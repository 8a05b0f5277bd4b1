import type { OpenLimits } from "../failures.ts";

/** One way of making content smaller. Addresses are of kernel memory, where source and result must not overlap. */
export interface Compression {
  /** How many bytes at most packAt may write for this many. */
  bound(length: number): number;
  /** Answers the length of the result. `stored`: do not try, the content is known not to get smaller. */
  packAt(address: number, length: number, out: number, stored: boolean): number;
  /** Any length, anywhere; the result is the caller's own. */
  pack(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  /** As `pack`, of content that comes in parts: some of the result for some of them, each piece the caller's own. */
  packParts(parts: Iterable<Uint8Array>): Iterable<Uint8Array>;
  /** Answers the length of the content, at most `capacity`; `blob-damaged` else. */
  unpackAt(address: number, length: number, out: number, capacity: number, what: string): number;
  /** Any length, anywhere; allocates no more than the limit. */
  unpack(bytes: Uint8Array, limits: OpenLimits): Uint8Array<ArrayBuffer>;
  /** As `unpack`, of what comes in parts, and goes on in parts. */
  unpackParts(parts: AsyncIterable<Uint8Array>, limits: OpenLimits): AsyncIterable<Uint8Array>;
}
