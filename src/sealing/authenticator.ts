import { createHmac, createSecretKey, type Hmac, type KeyObject } from "node:crypto";
import type { Mac } from "../format/index.ts";
import { assertBorrowed, type BorrowedHasher, Workspace } from "./workspace.ts";

/** The MAC of content that comes in pieces. */
export interface StreamingMac {
  update(bytes: Uint8Array): void;
  /** Content in kernel memory. */
  updateAt(address: number, length: number): void;
  /** Ends the stream; it must not be used again. */
  digest(): Mac;
}

/** One way of making MACs, with its key. */
export interface Authenticator {
  mac(bytes: Uint8Array): Mac;
  macAt(address: number, length: number): Mac;
  createMac(): StreamingMac;
}

/** Copied in pieces of this size, the content is still in the processor's cache when it is hashed. */
const PIECE_BYTES = 256 << 10;

/** Keyed BLAKE3, 32 bytes out, by the kernels. */
export class KeyedBlake3 implements Authenticator {
  readonly #workspace: Workspace;
  readonly #key: Uint8Array;

  constructor(workspace: Workspace, key: Uint8Array) {
    this.#workspace = workspace;
    this.#key = key;
  }

  mac(bytes: Uint8Array): Mac {
    const workspace = this.#workspace;
    if (bytes.length <= PIECE_BYTES || workspace.addressOf(bytes) !== undefined) {
      return this.macAt(workspace.place(bytes), bytes.length);
    }
    const stream = this.createMac();
    stream.update(bytes);
    return stream.digest();
  }

  macAt(address: number, length: number): Mac {
    const { kernels, digest } = this.#workspace;
    this.#workspace.useMacKey(this.#key);
    kernels.mac(address, length, digest);
    return readDigest(this.#workspace);
  }

  createMac(): StreamingMac {
    this.#workspace.useMacKey(this.#key);
    return new Blake3Stream(this.#workspace);
  }
}

class Blake3Stream implements StreamingMac {
  readonly #workspace: Workspace;
  readonly #lent: BorrowedHasher;

  constructor(workspace: Workspace, { keyed }: { readonly keyed: boolean } = { keyed: true }) {
    this.#workspace = workspace;
    this.#lent = workspace.borrowHasher(this);
    if (!keyed) this.#lent.hasher.resetUnkeyed();
  }

  update(bytes: Uint8Array): void {
    if (this.#workspace.addressOf(bytes) !== undefined) {
      this.updateAt(bytes.byteOffset, bytes.length);
      return;
    }
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      this.updateAt(this.#workspace.place(piece), piece.length);
    }
  }

  updateAt(address: number, length: number): void {
    assertBorrowed(this.#lent, this);
    this.#lent.hasher.update(address, length);
  }

  digest(): Mac {
    assertBorrowed(this.#lent, this);
    this.#lent.hasher.digest(this.#workspace.digest);
    this.#lent.borrower = undefined;
    return readDigest(this.#workspace);
  }
}

function readDigest({ kernels, digest }: Workspace): Mac {
  return kernels.bytes.slice(digest, digest + 32) as Mac;
}

/** HMAC-SHA256 (RFC 2104, FIPS 180-4), by node:crypto. */
export class HmacSha256 implements Authenticator {
  readonly #workspace: Workspace;
  readonly #key: KeyObject;

  constructor(workspace: Workspace, key: Uint8Array) {
    this.#workspace = workspace;
    this.#key = createSecretKey(key);
  }

  mac(bytes: Uint8Array): Mac {
    return new Uint8Array(createHmac("sha256", this.#key).update(bytes).digest()) as Mac;
  }

  macAt(address: number, length: number): Mac {
    return this.mac(this.#workspace.kernels.bytes.subarray(address, address + length));
  }

  createMac(): StreamingMac {
    return new HmacStream(this.#workspace, createHmac("sha256", this.#key));
  }
}

class HmacStream implements StreamingMac {
  readonly #workspace: Workspace;
  readonly #hmac: Hmac;

  constructor(workspace: Workspace, hmac: Hmac) {
    this.#workspace = workspace;
    this.#hmac = hmac;
  }

  update(bytes: Uint8Array): void {
    this.#hmac.update(bytes);
  }

  updateAt(address: number, length: number): void {
    this.#hmac.update(this.#workspace.kernels.bytes.subarray(address, address + length));
  }

  digest(): Mac {
    return new Uint8Array(this.#hmac.digest()) as Mac;
  }
}

/** BLAKE3 without a key of content that comes in pieces. */
export function blake3Stream(workspace: Workspace): StreamingMac {
  return new Blake3Stream(workspace, { keyed: false });
}

/** BLAKE3 without a key: what plaintext stores derive theirs from, and verify CONFIG with. */
export function blake3(workspace: Workspace, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { kernels, digest } = workspace;
  kernels.hash(workspace.place(bytes), bytes.length, digest);
  return readDigest(workspace);
}
