import {
  constants,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { concatBytes, isPlakarError, systemCode } from "../../foundation/index.ts";
import { blobDamaged, type OpenLimits, tooLarge } from "../failures.ts";
import type { Workspace } from "../workspace.ts";
import type { Compression } from "./compression.ts";

/**
 * 32 MiB, which the best level of the Go implementation takes. A frame says how large a window its reader must allocate,
 * and some bytes could ask for 128 MiB.
 */
const MAX_WINDOW_LOG = 25;
const zstandardLimits = { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG };

type Expander = ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>;

/** What node:zlib does: for stores that ask for it, with its allocations. Levels in CONFIG are ignored, as Go ignores them. */
abstract class Zlib implements Compression {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  protected abstract compress(bytes: Uint8Array, stored: boolean): Uint8Array<ArrayBuffer>;
  protected abstract createExpander(): Expander;
  protected abstract expand(bytes: Uint8Array, maxOutputLength: number): Uint8Array<ArrayBuffer>;

  /** Above both deflateBound and ZSTD_compressBound. */
  bound(length: number): number {
    return length + (length >> 8) + 1024;
  }

  packAt(address: number, length: number, out: number, stored: boolean): number {
    const { bytes } = this.#workspace.kernels;
    const packed = this.compress(bytes.subarray(address, address + length), stored);
    bytes.set(packed, out);
    return packed.length;
  }

  pack(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.compress(bytes, false);
  }

  /** As a whole: node:zlib has no form that takes parts and answers at once. */
  packParts(parts: Iterable<Uint8Array>): Iterable<Uint8Array> {
    return [this.pack(concatBytes([...parts]))];
  }

  unpackAt(address: number, length: number, out: number, capacity: number, what: string): number {
    const { bytes } = this.#workspace.kernels;
    const content = this.unpack(bytes.subarray(address, address + length), { maxBytes: capacity, what });
    bytes.set(content, out);
    return content.length;
  }

  unpack(bytes: Uint8Array, limits: OpenLimits): Uint8Array<ArrayBuffer> {
    let content: Uint8Array<ArrayBuffer>;
    try {
      content = this.expand(bytes, Math.max(limits.maxBytes, 1)); // Node takes no 0
    } catch (error) {
      if (systemCode(error) === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limits, error);
      throw blobDamaged(limits.what, "its compressed content is damaged", error);
    }
    if (content.length > limits.maxBytes) throw tooLarge(limits);
    return content;
  }

  async *unpackParts(parts: AsyncIterable<Uint8Array>, limits: OpenLimits): AsyncGenerator<Uint8Array> {
    const expander = this.createExpander();
    void feed(expander, parts); // whoever reads from the expander sees what it fails with
    let length = 0;
    try {
      for await (const part of expander) {
        length += part.length;
        if (length > limits.maxBytes) throw tooLarge(limits);
        yield part;
      }
    } catch (error) {
      if (isPlakarError(error)) throw error;
      throw blobDamaged(limits.what, "its compressed content is damaged", error);
    }
  }
}

export class Gzip extends Zlib {
  protected override compress(bytes: Uint8Array, stored: boolean): Uint8Array<ArrayBuffer> {
    return plain(gzipSync(bytes, stored ? { level: 0 } : {}));
  }

  protected override expand(bytes: Uint8Array, maxOutputLength: number): Uint8Array<ArrayBuffer> {
    return plain(gunzipSync(bytes, { maxOutputLength }));
  }

  protected override createExpander(): Expander {
    return createGunzip();
  }
}

export class Zstandard extends Zlib {
  protected override compress(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return plain(zstdCompressSync(bytes));
  }

  /** For no content the Go implementation writes nothing, not even a frame. */
  protected override expand(bytes: Uint8Array, maxOutputLength: number): Uint8Array<ArrayBuffer> {
    if (bytes.length === 0) return new Uint8Array();
    return plain(zstdDecompressSync(bytes, { maxOutputLength, params: zstandardLimits }));
  }

  protected override createExpander(): Expander {
    return createZstdDecompress({ params: zstandardLimits });
  }
}

/** A part is written when the one before is expanded and taken. */
async function feed(expander: Expander, parts: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const part of parts) {
      await new Promise<void>((resolve, reject) => {
        expander.write(part, (error) => (error ? reject(error) : resolve()));
      });
    }
    expander.end();
  } catch (error) {
    expander.destroy(error as Error);
  }
}

/** The same bytes, no longer a Buffer. */
function plain(buffer: Buffer<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
