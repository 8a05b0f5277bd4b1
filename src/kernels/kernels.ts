/** What a chunk's end is decided by; see src/chunking for the values that stores name. */
export interface CutParameters {
  readonly minBytes: number;
  readonly normalBytes: number;
  readonly maxBytes: number;
  /** 64 bits, asked before normalBytes. */
  readonly strictMask: bigint;
  /** 64 bits, asked from normalBytes on. */
  readonly looseMask: bigint;
}

export interface Lz4FrameOptions {
  /** Store every block as it is: for what is known not to compress. */
  readonly stored?: boolean;
  /** 1 looks for matches everywhere (the default), more is faster and finds less. */
  readonly acceleration?: number;
}

/** A stream's BLAKE3, keyed unless told otherwise. Any number may be in use at once; each takes 66 KiB of the arena for good. */
export interface Hasher {
  /** Forgets what was hashed, and takes the MAC key of this moment. */
  reset(): void;
  /** Forgets what was hashed; from now on it is BLAKE3 without a key. */
  resetUnkeyed(): void;
  update(address: number, length: number): void;
  /** Writes 32 bytes to outAddress; more may be hashed afterwards. */
  digest(outAddress: number): void;
}

// What lz4Unframe answers instead of a length; any of the capacity may have been written.
/** Not an LZ4 frame, or a damaged one. */
export const LZ4_DAMAGED = -1;
/** A frame that needs a dictionary, has an unknown version or flag, or no frame at all. */
export const LZ4_UNSUPPORTED = -2;
/** The content is larger than the capacity. */
export const LZ4_TOO_LARGE = -3;
/** A checksum differs. */
export const LZ4_CHECKSUM = -4;

/** What sealing adds: a nonce of 12 bytes before and a tag of 16 behind. */
export const SIV_OVERHEAD_BYTES = 28;
/** Up to here sivSeal and sivOpen are faster than Begin, the host's AES and Finish (measured). */
export const SIV_WHOLE_MAX_BYTES = 768;

/**
 * One instance of the kernels with its memory. Addresses are offsets into `bytes`; every address and length given must lie
 * in the arena [arenaStart, arenaEnd), else a PlakarError of kind bug is thrown. Not to be shared between threads.
 */
export interface Kernels {
  /** The whole memory. It never grows, so views of it stay valid. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly arenaStart: number;
  /** 64 bytes before the end of the memory: kernels may read (not write) a few bytes past what they are given. */
  readonly arenaEnd: number;

  /** The address of `size` bytes of the arena, aligned to 16, for as long as the instance lives. */
  allocate(size: number): number;

  /** The parameters of `cut` from now on. */
  cutConfigure(parameters: CutParameters): void;
  /**
   * The length of the chunk that begins at the address. `length` must be maxBytes or all that is left of the stream.
   * FastCDC (Xia et al., USENIX ATC 2016) with a 64-bit gear hash.
   */
  cut(address: number, length: number): number;

  /** Shannon entropy in bits a byte, 0 to 8; 0 for nothing. */
  entropy(address: number, length: number): number;

  /** The key of `mac` and of hashers reset from now on, 32 bytes. */
  macKey(key: Uint8Array): void;
  /** Keyed BLAKE3, 32 bytes to out. */
  mac(address: number, length: number, out: number): void;
  createHasher(): Hasher;
  /** Unkeyed BLAKE3, 32 bytes to out. */
  hash(address: number, length: number, out: number): void;
  /** xxHash32 with seed 0, unsigned. */
  xxh32(address: number, length: number): number;

  /** How many bytes lz4Frame may write for this many. */
  lz4FrameBound(length: number): number;
  /** Writes an LZ4 frame (blocks of 4 MiB, content checksum) to out and answers its size. out must not overlap the source. */
  lz4Frame(address: number, length: number, out: number, options?: Lz4FrameOptions): number;
  /** Reads LZ4 frames of any origin; answers the size of the content, or one of the negative LZ4_ numbers. */
  lz4Unframe(address: number, length: number, out: number, capacity: number): number;

  /** The AES-256-GCM-SIV key of what follows, 32 bytes. */
  sivKey(key: Uint8Array): void;
  /**
   * Seals to out: nonce (12) || ciphertext || tag (16), by AES-256-GCM-SIV (RFC 8452) without additional data, in constant
   * time. The text may lie at out + 12.
   */
  sivSeal(nonceAddress: number, address: number, length: number, out: number): void;
  /** Opens what sealing made of `length` bytes. False, and zeros at out, where it is not genuine. out may be sealed + 12. */
  sivOpen(sealed: number, length: number, out: number): boolean;
  /**
   * Sealing in two halves, for large texts. Writes nonce and tag to out, and counter blocks to `counters` (length rounded up
   * to 16). Answers the key (a view, valid until the next call of a siv function) under which the caller encrypts the counter
   * blocks with AES-256-ECB without padding.
   */
  sivBegin(
    nonceAddress: number,
    address: number,
    length: number,
    out: number,
    counters: number,
  ): Uint8Array<ArrayBuffer>;
  /** Writes the ciphertext to out + 12, by the keystream that the caller made of the counter blocks. */
  sivFinish(address: number, length: number, out: number, keystream: number): void;
  /** Opening in two halves; answers the key for the counter blocks as sivBegin does. */
  sivOpenBegin(sealed: number, length: number, counters: number): Uint8Array<ArrayBuffer>;
  /** Right after sivOpenBegin of the same text: the plaintext to out. False, and zeros, where it is not genuine. */
  sivOpenFinish(sealed: number, length: number, out: number, keystream: number): boolean;
  /** Overwrites the key of sivKey and all that was derived from it. */
  sivForget(): void;
}
