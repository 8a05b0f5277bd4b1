import { decodeObject, ResourceType, WRAPPER_HEADER_BYTES } from "../format/index.ts";
import { messageOf } from "../foundation/index.ts";
import { BlobIndex, type SharedBlobIndex } from "../repository/contract.ts";
import type { Sealer } from "../sealing/index.ts";
import { ObjectFactsWriter } from "./object-facts.ts";
import type { PackVerdict, WorkerRequest } from "./protocol.ts";

type VerifyRequest = Extract<WorkerRequest, { kind: "verify-pack" }>;
const MAX_EXPANSION = 1100;
const MAX_BLOB_BYTES = 256 << 20;

/**
 * Verifies blobs in packfiles: every one that the states place there is opened, and compared with its MAC. Blobs are tried even
 * where the file's own MAC is wrong: what is still whole should not be called lost.
 */
export class PackVerifier {
  readonly #sealer: Sealer;
  readonly #index: BlobIndex;
  readonly #objects: ObjectFactsWriter;

  constructor(sealer: Sealer, index: SharedBlobIndex) {
    this.#sealer = sealer;
    this.#index = BlobIndex.fromShared(index);
    this.#objects = new ObjectFactsWriter(this.#index);
  }

  verify({ bytes, origin, records }: VerifyRequest): PackVerdict {
    const damaged: { record: number; message: string }[] = [];
    for (const record of records) {
      const message = this.#blobProblem(bytes, origin, record);
      if (message) damaged.push({ record, message });
    }
    return { damaged, objects: this.#objects.take() };
  }

  #blobProblem(bytes: Uint8Array, origin: number, record: number): string {
    const { offset, length } = this.#index.location(record);
    const start = WRAPPER_HEADER_BYTES + offset - origin;
    if (start + length > bytes.length) return "lies beyond the end of its packfile";
    const sealed = bytes.subarray(start, start + length);
    try {
      const maxBytes = Math.min(MAX_BLOB_BYTES, length * MAX_EXPANSION + 65536);
      const plain = this.#sealer.peek(sealed, maxBytes, () => "blob");
      const type = this.#index.typeOf(record);
      if (bearsId(type)) return "";
      const mac = this.#sealer.mac(plain);
      if (!this.#index.isMacOf(record, mac)) return "is not what was stored";
      if (type === ResourceType.object) this.#learn(record, mac, plain);
      return "";
    } catch (error) {
      return messageOf(error);
    }
  }

  #learn(record: number, mac: Uint8Array, plain: Uint8Array): void {
    try {
      this.#objects.add(record, mac, decodeObject(plain));
    } catch {
      // the walk over snapshots finds out whether anything needs it, and names it
    }
  }
}

/** Whether blobs of a type bear the snapshot's id instead of their MAC: headers and signatures. */
export function bearsId(type: number): boolean {
  return type === ResourceType.snapshot || type === ResourceType.signature;
}
