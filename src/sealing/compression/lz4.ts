import { LZ4_TOO_LARGE } from "../../kernels/index.ts";
import { frameFailure, type OpenLimits } from "../failures.ts";
import type { Workspace } from "../workspace.ts";
import type { Compression } from "./compression.ts";
import { packBlockParts, packBlocks, unpackBlocks, unpackBlocksInParts } from "./lz4-blocks.ts";

/** LZ4 frames by the kernels (kloset-format section 3). */
export class Lz4 implements Compression {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  bound(length: number): number {
    return this.#workspace.kernels.lz4FrameBound(length);
  }

  packAt(address: number, length: number, out: number, stored: boolean): number {
    return this.#workspace.kernels.lz4Frame(address, length, out, { stored });
  }

  pack(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return packBlocks(this.#workspace, bytes);
  }

  packParts(parts: Iterable<Uint8Array>): Iterable<Uint8Array> {
    return packBlockParts(this.#workspace, parts);
  }

  unpackAt(address: number, length: number, out: number, capacity: number, what: string): number {
    const written = this.#workspace.kernels.lz4Unframe(address, length, out, capacity);
    if (written < 0) throw frameFailure(written, { maxBytes: capacity, what });
    return written;
  }

  /** In one go where the content fits the room, which is where it is allocated once, at its true length. */
  unpack(bytes: Uint8Array, limits: OpenLimits): Uint8Array<ArrayBuffer> {
    const workspace = this.#workspace;
    const { kernels, staging, stagingEnd } = workspace;
    if (workspace.addressOf(bytes) === undefined && bytes.length > stagingEnd - staging) {
      return unpackBlocks(workspace, bytes, limits);
    }
    const address = workspace.place(bytes);
    const out = workspace.behind(address, bytes.length);
    const capacity = Math.max(Math.min(limits.maxBytes, stagingEnd - out), 0);
    const written = kernels.lz4Unframe(address, bytes.length, out, capacity);
    if (written >= 0) return kernels.bytes.slice(out, out + written);
    if (written !== LZ4_TOO_LARGE || capacity === limits.maxBytes) throw frameFailure(written, limits);
    return unpackBlocks(workspace, kernels.bytes.slice(address, address + bytes.length), limits);
  }

  unpackParts(parts: AsyncIterable<Uint8Array>, limits: OpenLimits): AsyncIterable<Uint8Array> {
    return unpackBlocksInParts(this.#workspace, parts, limits);
  }
}
