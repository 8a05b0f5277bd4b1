import type { Random } from "../../foundation/index.ts";
import type { EncryptionParameters } from "../parameters.ts";
import { PartReader } from "../part-reader.ts";
import type { Workspace } from "../workspace.ts";
import { SliceCipher } from "./slices.ts";
import { MAX_SLICES_PER_SUBKEY, Subkeys } from "./subkeys.ts";

/** Encryption as Kloset has it (kloset-format section 2): the wrapped subkey, then slices sealed under the subkey. */
export class BlobCipher {
  readonly #workspace: Workspace;
  readonly #subkeys: Subkeys;
  readonly #slices: SliceCipher;

  constructor(workspace: Workspace, parameters: EncryptionParameters, secret: Uint8Array, random: Random) {
    this.#workspace = workspace;
    const maxSlices = parameters.subkeyPerBlob ? 0 : MAX_SLICES_PER_SUBKEY;
    this.#subkeys = new Subkeys(parameters.subKeyAlgorithm, secret, random, maxSlices);
    this.#slices = new SliceCipher(workspace, parameters.sliceBytes, random);
  }

  /** What encryption adds to content of this length. */
  overhead(length: number): number {
    return this.#subkeys.wrappedBytes + this.#slices.overhead(length);
  }

  /** Answers the length. The text may lie anywhere outside the result, or at out + overhead(length) and above. */
  sealAt(address: number, length: number, out: number): number {
    const subkey = this.#subkeys.forSealing(this.#slices.sliceCount(length));
    this.#workspace.kernels.bytes.set(subkey.wrapped, out);
    const wrappedBytes = subkey.wrapped.length;
    return wrappedBytes + this.#slices.seal(subkey.key, address, length, out + wrappedBytes);
  }

  /** Opens where it lies: the content begins at the address and overwrites what was sealed. Answers its length. */
  openAt(address: number, length: number, what: string): number {
    const { wrappedBytes } = this.#subkeys;
    const wrapped = this.#workspace.kernels.bytes.subarray(address, address + Math.min(length, wrappedBytes));
    const key = this.#subkeys.forOpening(wrapped, what);
    return this.#slices.open(key, address + wrappedBytes, length - wrappedBytes, address, what);
  }

  /** Any length; the result is the caller's own. */
  seal(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const sealed = new Uint8Array(bytes.length + this.overhead(bytes.length));
    let to = 0;
    for (const piece of this.sealParts([bytes], bytes.length)) {
      sealed.set(piece, to);
      to += piece.length;
    }
    return sealed;
  }

  /** The same piece by piece, of at most so many bytes that come in parts; a piece is good until the next. */
  *sealParts(parts: Iterable<Uint8Array>, atMostBytes: number): Generator<Uint8Array> {
    const { sliceBytes } = this.#slices;
    const subkey = this.#subkeys.forSealing(this.#slices.sliceCount(atMostBytes));
    yield subkey.wrapped;
    const key = subkey.key.slice(); // another blob may be sealed before the next part, and take another subkey
    const rest = new Uint8Array(sliceBytes);
    let restBytes = 0;
    for (const part of parts) {
      for (let at = 0; at < part.length; ) {
        const piece = part.subarray(at, at + sliceBytes - restBytes);
        at += piece.length;
        if (piece.length === sliceBytes) yield this.#slice(key, piece);
        else {
          rest.set(piece, restBytes);
          restBytes += piece.length;
          if (restBytes < sliceBytes) continue;
          restBytes = 0;
          yield this.#slice(key, rest);
        }
      }
    }
    if (restBytes > 0) yield this.#slice(key, rest.subarray(0, restBytes));
    key.fill(0);
  }

  #slice(key: Uint8Array, part: Uint8Array): Uint8Array {
    const workspace = this.#workspace;
    const address = workspace.place(part);
    const out = workspace.behind(address, part.length);
    const length = this.#slices.seal(key, address, part.length, out);
    return workspace.kernels.bytes.subarray(out, out + length);
  }

  /** Any length outside kernel memory; the result is the caller's own. */
  open(sealed: Uint8Array, what: string): Uint8Array<ArrayBuffer> {
    const { kernels, staging } = this.#workspace;
    const { wrappedBytes } = this.#subkeys;
    const sliceBytes = this.#slices.sliceBytes + this.#slices.overhead(1);
    const key = this.#subkeys.forOpening(sealed.subarray(0, wrappedBytes), what);
    const content = new Uint8Array(sealed.length - wrappedBytes);
    let to = 0;
    for (let at = wrappedBytes; at < sealed.length; at += sliceBytes) {
      const slice = sealed.subarray(at, at + sliceBytes);
      kernels.bytes.set(slice, staging);
      const length = this.#slices.open(key, staging, slice.length, staging, what);
      content.set(kernels.bytes.subarray(staging, staging + length), to);
      to += length;
    }
    return content.subarray(0, to);
  }

  /** As `open`, of what comes in parts: a slice at a time. */
  async *openParts(parts: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array> {
    const reader = new PartReader(parts);
    const key = this.#subkeys.forOpening(await reader.take(this.#subkeys.wrappedBytes), what);
    const sliceBytes = this.#slices.sliceBytes + this.#slices.overhead(1);
    for (;;) {
      const slice = await reader.take(sliceBytes);
      if (slice.length > 0) yield this.#openSlice(key, slice, what);
      if (slice.length < sliceBytes) return;
    }
  }

  #openSlice(key: Uint8Array, slice: Uint8Array, what: string): Uint8Array {
    const { kernels, staging } = this.#workspace;
    kernels.bytes.set(slice, staging);
    const length = this.#slices.open(key, staging, slice.length, staging, what);
    return kernels.bytes.slice(staging, staging + length);
  }
}
