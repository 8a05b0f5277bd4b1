import { ResourceType, unwrapUnchecked, V1_0_0, WRAPPER_HEADER_BYTES } from "../format/index.ts";
import { equalBytes, messageOf } from "../foundation/index.ts";
import { BlobIndex, macOfWhole, type SharedBlobIndex } from "../repository/contract.ts";
import type { Sealer } from "../sealing/index.ts";
import type { PackVerdict, WorkerRequest } from "./protocol.ts";

type VerifyRequest = Extract<WorkerRequest, { kind: "verify-pack" }>;
const MAX_EXPANSION = 1100;
const MAX_BLOB_BYTES = 256 << 20;

/**
 * Verifies a whole packfile: its own MAC, which covers every byte, padding too, and every blob that the states place in it.
 * Blobs are tried even when the file's MAC is wrong: what is still whole should not be called lost.
 */
export class PackVerifier {
  readonly #sealer: Sealer;
  readonly #index: BlobIndex;

  constructor(sealer: Sealer, index: SharedBlobIndex) {
    this.#sealer = sealer;
    this.#index = BlobIndex.fromShared(index);
  }

  /** A part of a packfile, which begins at `origin`, has no MAC of its own. */
  verify({ bytes, origin, records }: VerifyRequest): PackVerdict {
    const damaged: { record: number; message: string }[] = [];
    for (const record of records) {
      const message = this.#blobProblem(bytes, origin, record);
      if (message) damaged.push({ record, message });
    }
    return { fileProblem: origin === 0 ? this.#fileProblem(bytes) : "", damaged };
  }

  #fileProblem(bytes: Uint8Array): string {
    try {
      const { type, version, trailer } = unwrapUnchecked(bytes);
      if (type !== ResourceType.packfile) return "it is not a packfile";
      if (version > V1_0_0) return "it was made by a newer version";
      const mac = macOfWhole(this.#sealer, bytes.subarray(0, bytes.length - trailer.length));
      return equalBytes(mac, trailer) ? "" : "its bytes are not those that were written";
    } catch (error) {
      return messageOf(error);
    }
  }

  #blobProblem(bytes: Uint8Array, origin: number, record: number): string {
    const { offset, length } = this.#index.location(record);
    const start = WRAPPER_HEADER_BYTES + offset - origin;
    if (start + length > bytes.length) return "lies beyond the end of its packfile";
    const sealed = bytes.subarray(start, start + length);
    try {
      const maxBytes = Math.min(MAX_BLOB_BYTES, length * MAX_EXPANSION + 65536);
      const plain = this.#sealer.open(sealed, { maxBytes, what: "blob" });
      if (bearsId(this.#index.typeOf(record))) return "";
      return this.#index.isMacOf(record, this.#sealer.mac(plain)) ? "" : "is not what was stored";
    } catch (error) {
      return messageOf(error);
    }
  }
}

/** Whether blobs of a type bear the snapshot's id instead of their MAC: headers and signatures. */
export function bearsId(type: number): boolean {
  return type === ResourceType.snapshot || type === ResourceType.signature;
}
