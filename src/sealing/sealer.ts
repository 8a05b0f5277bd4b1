import type { Mac } from "../format/index.ts";
import type { Random } from "../foundation/index.ts";
import type { Kernels } from "../kernels/index.ts";
import { type Authenticator, HmacSha256, KeyedBlake3, type StreamingMac } from "./authenticator.ts";
import type { Plaintext, Sealed } from "./brands.ts";
import type { Compression } from "./compression/compression.ts";
import { createCompression } from "./compression/create.ts";
import { createDigest, type Digest, type DigestAlgorithm } from "./digest.ts";
import { BlobCipher } from "./encryption/blob-cipher.ts";
import type { OpenLimits } from "./failures.ts";
import { assertMatching, type SealingParameters } from "./parameters.ts";
import { Workspace } from "./workspace.ts";

/** A block's size field in front of it, and what alignment may add. */
const PART_OVERHEAD_BYTES = 32;
const LEAST_PART_BYTES = 4096;

/**
 * Plaintext to blob and back, for one store: MAC, compression, encryption. One for each thread and session; it takes room
 * of the kernels' arena (see Workspace) and seals under a subkey of its own (see Subkeys).
 *
 *     const mac = sealer.mac(content);
 *     const sealed = sealer.seal(content);
 *     const again = sealer.open(sealed, { maxBytes: 1 << 20, what: "the example" });
 */
export class Sealer {
  readonly #workspace: Workspace;
  readonly #authenticator: Authenticator;
  readonly #compression: Compression;
  readonly #cipher: BlobCipher | null;
  readonly #isCompressed: boolean;
  /**
   * Whether opening alone tells damage: by a cipher's tag, or a compressor's checksum of the content. Else only the blob's
   * MAC does, and of a header, which bears an id instead of one, only that of its packfile.
   */
  readonly detectsDamage: boolean;

  constructor(parameters: SealingParameters, kernels: Kernels, random: Random) {
    const { hashing, compression, encryption, macKey, secret } = parameters;
    const workspace = Workspace.of(kernels);
    this.#workspace = workspace;
    this.#authenticator = hashing === "BLAKE3" ? new KeyedBlake3(workspace, macKey) : new HmacSha256(workspace, macKey);
    this.#compression = createCompression(compression, workspace);
    this.#isCompressed = compression !== null;
    this.detectsDamage = encryption !== null || compression === "LZ4" || compression === "GZIP";
    assertMatching(encryption, secret);
    this.#cipher = encryption && secret && new BlobCipher(workspace, encryption, secret, random);
  }

  /** The store's MAC of any bytes. */
  mac(bytes: Uint8Array): Mac {
    return this.#authenticator.mac(bytes);
  }

  /** The MAC of content in kernel memory. */
  macAt(address: number, length: number): Mac {
    return this.#authenticator.macAt(address, length);
  }

  /** The MAC of content that comes in pieces. At most sixteen may be under way; later ones take the place of the oldest. */
  createMac(): StreamingMac {
    return this.#authenticator.createMac();
  }

  /** A digest that depends on no key, for comparing with what other programs say. At most sixteen of BLAKE3 at once. */
  createDigest(algorithm: DigestAlgorithm): Digest {
    return createDigest(algorithm, this.#workspace);
  }

  /** How many bytes sealAt may write for content of this length. */
  sealedBound(length: number): number {
    const packed = this.#compression.bound(length);
    return packed + (this.#cipher?.overhead(packed) ?? 0);
  }

  /**
   * Compresses and encrypts content in kernel memory to `out`, which has room for sealedBound(length) bytes and does not
   * overlap it; answers the length. `stored`: the content is known not to compress.
   */
  sealAt(address: number, length: number, out: number, options?: { readonly stored?: boolean }): number {
    const compression = this.#compression;
    const cipher = this.#cipher;
    if (!cipher) return compression.packAt(address, length, out, options?.stored ?? false);
    if (!this.#isCompressed) return cipher.sealAt(address, length, out);
    // Far enough behind for the slices, which grow, never to overtake what is still to be sealed.
    const packed = out + cipher.overhead(compression.bound(length));
    const packedBytes = compression.packAt(address, length, packed, options?.stored ?? false);
    return cipher.sealAt(packed, packedBytes, out);
  }

  /** Compresses and encrypts any bytes; the result is the caller's own. */
  seal(plain: Uint8Array): Sealed {
    return this.sealed(plain).slice() as Sealed;
  }

  /** As `seal`, for who copies the result at once: it holds until the sealer's next call. */
  sealed(plain: Uint8Array): Sealed {
    const workspace = this.#workspace;
    const { kernels, stagingEnd, staging } = workspace;
    const bound = this.sealedBound(plain.length);
    const inArena = workspace.addressOf(plain) !== undefined;
    if ((inArena ? 0 : plain.length + 16) + bound > stagingEnd - staging) return this.#sealLarge(plain);
    const address = workspace.place(plain);
    const out = workspace.behind(address, plain.length);
    const length = this.sealAt(address, plain.length, out);
    return kernels.bytes.subarray(out, out + length) as Sealed;
  }

  /**
   * As `seal`, of at most so many bytes that come in parts, which are never together in memory; each piece is good until the
   * next is asked for. A few parts that are small are to be given to `seal`, which does better with them.
   */
  sealParts(parts: Iterable<Uint8Array>, atMostBytes: number): Iterable<Uint8Array> {
    const packed = this.#compression.packParts(parts);
    return this.#cipher ? this.#cipher.sealParts(packed, this.#compression.bound(atMostBytes)) : packed;
  }

  /** How many bytes the pieces of `sealParts` have together, at most; parts are of 4 KiB and more, all but the last. */
  sealedPartsBound(atMostBytes: number): number {
    return this.sealedBound(atMostBytes) + (Math.ceil(atMostBytes / LEAST_PART_BYTES) + 2) * PART_OVERHEAD_BYTES;
  }

  /**
   * Decrypts and decompresses; the result is the caller's own. Every failure is `blob-damaged` (kind corrupted) with the
   * reason in its details. What is opened is genuine but not yet known to be the right blob: compare its MAC.
   */
  open(sealed: Uint8Array, limits: OpenLimits): Plaintext {
    const cipher = this.#cipher;
    const { kernels, staging, stagingEnd } = this.#workspace;
    if (!cipher) return this.#compression.unpack(sealed, limits) as Plaintext;
    if (sealed.length > stagingEnd - staging) {
      return this.#compression.unpack(cipher.open(sealed, limits.what), limits) as Plaintext;
    }
    kernels.bytes.set(sealed, staging);
    const packedBytes = cipher.openAt(staging, sealed.length, limits.what);
    return this.#compression.unpack(kernels.bytes.subarray(staging, staging + packedBytes), limits) as Plaintext;
  }

  /**
   * As `open`, with a name that is asked for only when it is needed; but the content stays in kernel memory where there is room for it: good until the next call of any sealer
   * of this thread, and for a look or a MAC only. Spares two copies and an allocation a blob.
   */
  peek(sealed: Uint8Array, maxBytes: number, what: () => string): Plaintext {
    const { kernels, staging, stagingEnd } = this.#workspace;
    const out = Math.ceil((staging + sealed.length) / 16) * 16;
    if (out > stagingEnd) return this.open(sealed, { maxBytes, what: what() });
    try {
      kernels.bytes.set(sealed, staging);
      const capacity = Math.min(maxBytes, stagingEnd - out);
      const length = this.openAt(staging, sealed.length, out, capacity);
      return kernels.bytes.subarray(out, out + length) as Plaintext;
    } catch {
      // too large for the room, or damaged: then it says so
      return this.open(sealed, { maxBytes, what: what() });
    }
  }

  /** As `open`, of what comes in parts, and goes on in parts: of what is not held in memory as a whole. */
  openParts(sealed: AsyncIterable<Uint8Array>, limits: OpenLimits): AsyncIterable<Uint8Array> {
    const packed = this.#cipher ? this.#cipher.openParts(sealed, limits.what) : sealed;
    return this.#compression.unpackParts(packed, limits);
  }

  /**
   * Opens a blob in kernel memory to `out`, which must not overlap it; answers the content's length, at most `capacity`.
   * What was sealed is overwritten. Fails as `open` does.
   */
  openAt(address: number, length: number, out: number, capacity: number, what = "a blob"): number {
    const packedBytes = this.#cipher ? this.#cipher.openAt(address, length, what) : length;
    return this.#compression.unpackAt(address, packedBytes, out, capacity, what);
  }

  #sealLarge(plain: Uint8Array): Sealed {
    const packed = this.#compression.pack(plain);
    return (this.#cipher ? this.#cipher.seal(packed) : packed) as Sealed;
  }
}
