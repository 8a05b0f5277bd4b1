import { type OpenLimits, tooLarge } from "../failures.ts";
import type { CompressionAlgorithm } from "../parameters.ts";
import type { Workspace } from "../workspace.ts";
import type { Compression } from "./compression.ts";
import { Lz4 } from "./lz4.ts";
import { Gzip, Zstandard } from "./zlib.ts";

export function createCompression(algorithm: CompressionAlgorithm | null, workspace: Workspace): Compression {
  return algorithm ? new methods[algorithm](workspace) : new Uncompressed(workspace);
}

const methods: Record<CompressionAlgorithm, new (workspace: Workspace) => Compression> = {
  LZ4: Lz4,
  GZIP: Gzip,
  ZSTD: Zstandard,
};

class Uncompressed implements Compression {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  bound(length: number): number {
    return length;
  }

  packAt(address: number, length: number, out: number): number {
    this.#workspace.kernels.bytes.copyWithin(out, address, address + length);
    return length;
  }

  pack(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return new Uint8Array(bytes);
  }

  packParts(parts: Iterable<Uint8Array>): Iterable<Uint8Array> {
    return parts;
  }

  unpackAt(address: number, length: number, out: number, capacity: number, what: string): number {
    if (length > capacity) throw tooLarge({ maxBytes: capacity, what });
    return this.packAt(address, length, out);
  }

  unpack(bytes: Uint8Array, limits: OpenLimits): Uint8Array<ArrayBuffer> {
    if (bytes.length > limits.maxBytes) throw tooLarge(limits);
    return new Uint8Array(bytes);
  }

  async *unpackParts(parts: AsyncIterable<Uint8Array>, limits: OpenLimits): AsyncGenerator<Uint8Array> {
    let length = 0;
    for await (const part of parts) {
      length += part.length;
      if (length > limits.maxBytes) throw tooLarge(limits);
      yield part;
    }
  }
}
