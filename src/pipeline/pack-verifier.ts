import {
  decodeObject,
  ResourceType,
  unwrapUnchecked,
  V1_0_0,
  WRAPPER_HEADER_BYTES,
  WRAPPER_TRAILER_BYTES,
} from "../format/index.ts";
import { equalBytes, messageOf } from "../foundation/index.ts";
import { BlobIndex, type SharedBlobIndex } from "../repository/contract.ts";
import type { Sealer, StreamingMac } from "../sealing/index.ts";
import { ObjectFactsWriter } from "./object-facts.ts";
import type { PackVerdict, WorkerRequest } from "./protocol.ts";

type VerifyRequest = Extract<WorkerRequest, { kind: "verify-pack" }>;
const MAX_EXPANSION = 1100;
const MAX_BLOB_BYTES = 256 << 20;

/** A packfile of which not all parts have been here yet. */
interface Beginning {
  readonly header: Uint8Array;
  readonly mac: StreamingMac;
}

/**
 * Verifies packfiles, as a whole or part by part, every byte once: a packfile's own MAC, which covers every byte, padding
 * too, and every blob that the states place in it. Blobs are tried even when the file's MAC is wrong: what is still whole
 * should not be called lost.
 */
export class PackVerifier {
  readonly #sealer: Sealer;
  readonly #index: BlobIndex;
  readonly #objects: ObjectFactsWriter;
  readonly #begun: Map<string, Beginning> = new Map();

  constructor(sealer: Sealer, index: SharedBlobIndex) {
    this.#sealer = sealer;
    this.#index = BlobIndex.fromShared(index);
    this.#objects = new ObjectFactsWriter(this.#index);
  }

  verify(request: VerifyRequest): PackVerdict {
    const { bytes, origin, records } = request;
    const fileProblem = this.#fileProblem(request);
    const damaged: { record: number; message: string }[] = [];
    for (const record of records) {
      const message = this.#blobProblem(bytes, origin, record);
      if (message) damaged.push({ record, message });
    }
    return { fileProblem, damaged, objects: this.#objects.take() };
  }

  /** Goes on with the packfile's MAC; the last part tells what is wrong. */
  #fileProblem({ id, bytes, part }: VerifyRequest): string {
    if (part.isFirst) {
      this.#begun.set(id, { header: bytes.slice(0, WRAPPER_HEADER_BYTES), mac: this.#sealer.createMac() });
    }
    const begun = this.#begun.get(id);
    if (!begun) throw new Error("the beginning of a packfile was never here");
    begun.mac.update(bytes.subarray(part.macFrom, part.macTo));
    if (!part.isLast) return "";
    this.#begun.delete(id);
    const ends = part.isFirst ? bytes : Buffer.concat([begun.header, bytes.subarray(-WRAPPER_TRAILER_BYTES)]);
    return endProblem(ends, begun.mac);
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

/** What is wrong with a packfile, by its first and last bytes, or all of it. */
function endProblem(ends: Uint8Array, mac: StreamingMac): string {
  try {
    const { type, version, trailer } = unwrapUnchecked(ends);
    if (type !== ResourceType.packfile) return "it is not a packfile";
    if (version > V1_0_0) return "it was made by a newer version";
    return equalBytes(mac.digest(), trailer) ? "" : "its bytes are not those that were written";
  } catch (error) {
    return messageOf(error);
  }
}

/** Whether blobs of a type bear the snapshot's id instead of their MAC: headers and signatures. */
export function bearsId(type: number): boolean {
  return type === ResourceType.snapshot || type === ResourceType.signature;
}
