import { createCipheriv } from "node:crypto";
import type { Random } from "../../foundation/index.ts";
import { type Kernels, SIV_OVERHEAD_BYTES, SIV_WHOLE_MAX_BYTES } from "../../kernels/index.ts";
import { blobDamaged } from "../failures.ts";
import type { SliceRoom, Workspace } from "../workspace.ts";
import { NoncePool } from "./nonces.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM-SIV (RFC 8452) of content in slices, in kernel memory: nonce (12) || ciphertext || tag (16), slice after
 * slice. Small slices are the kernels' alone; for larger ones node:crypto's AES makes the keystream, which is faster.
 */
export class SliceCipher {
  readonly #workspace: Workspace;
  readonly #kernels: Kernels;
  readonly #sliceBytes: number;
  readonly #nonces: NoncePool;
  readonly #room: SliceRoom;

  constructor(workspace: Workspace, sliceBytes: number, random: Random) {
    this.#workspace = workspace;
    this.#kernels = workspace.kernels;
    this.#sliceBytes = sliceBytes;
    this.#nonces = new NoncePool(workspace.kernels, random);
    this.#room = workspace.sliceRoom(sliceBytes);
  }

  get sliceBytes(): number {
    return this.#sliceBytes;
  }

  /** Content has one slice for each sliceBytes begun; none has none. */
  sliceCount(length: number): number {
    return Math.ceil(length / this.#sliceBytes);
  }

  /** What sealing adds to content of this length. */
  overhead(length: number): number {
    return this.sliceCount(length) * SIV_OVERHEAD_BYTES;
  }

  /** Seals to out; answers how much. The text may lie anywhere outside the result, or at out + overhead(length) and above. */
  seal(key: Uint8Array, address: number, length: number, out: number): number {
    this.#workspace.useSivKey(key);
    let to = out;
    for (let done = 0; done < length; done += this.#sliceBytes) {
      const part = Math.min(this.#sliceBytes, length - done);
      this.#sealSlice(address + done, part, to);
      to += part + SIV_OVERHEAD_BYTES;
    }
    return to - out;
  }

  /** Opens to out, where at most out = address + 12 may overlap; answers the content's length. `blob-damaged` else. */
  open(key: Uint8Array, address: number, length: number, out: number, what: string): number {
    this.#workspace.useSivKey(key);
    const sealedBytes = this.#sliceBytes + SIV_OVERHEAD_BYTES;
    let to = out;
    for (let done = 0; done < length; done += sealedBytes) {
      const part = Math.min(sealedBytes, length - done) - SIV_OVERHEAD_BYTES;
      if (part < 0) throw blobDamaged(what, "its last slice is truncated");
      if (!this.#openSlice(address + done, part, to)) {
        throw blobDamaged(what, `slice ${Math.trunc(done / sealedBytes)} is not genuine`);
      }
      to += part;
    }
    return to - out;
  }

  #sealSlice(address: number, length: number, out: number): void {
    const kernels = this.#kernels;
    const nonce = this.#nonces.next();
    if (length <= SIV_WHOLE_MAX_BYTES) {
      kernels.sivSeal(nonce, address, length, out);
      return;
    }
    const { frame, counters } = this.#room;
    const key = kernels.sivBegin(nonce, address, length, frame, counters);
    this.#makeKeystream(key, length);
    kernels.sivFinish(address, length, out, counters);
    kernels.bytes.copyWithin(out, frame, frame + NONCE_BYTES);
    const tag = frame + NONCE_BYTES + length;
    kernels.bytes.copyWithin(out + NONCE_BYTES + length, tag, tag + TAG_BYTES);
  }

  #openSlice(sealed: number, length: number, out: number): boolean {
    const kernels = this.#kernels;
    if (length <= SIV_WHOLE_MAX_BYTES) return kernels.sivOpen(sealed, length, out);
    const { counters } = this.#room;
    const key = kernels.sivOpenBegin(sealed, length, counters);
    this.#makeKeystream(key, length);
    return kernels.sivOpenFinish(sealed, length, out, counters);
  }

  /** The counter blocks encrypted one by one (ECB) are the keystream of counter mode. */
  #makeKeystream(key: Uint8Array, length: number): void {
    const { bytes } = this.#kernels;
    const at = this.#room.counters;
    const cipher = createCipheriv("aes-256-ecb", key, null);
    cipher.setAutoPadding(false);
    bytes.set(cipher.update(bytes.subarray(at, at + Math.ceil(length / 16) * 16)), at);
  }
}
