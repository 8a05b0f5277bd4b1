import { ResourceType, unwrapUnchecked, V1_0_0, WRAPPER_HEADER_BYTES, WRAPPER_TRAILER_BYTES } from "../format/index.ts";
import { equalBytes, messageOf } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import type { PackPart } from "./pack-parts.ts";

/**
 * The MAC of one packfile, which covers every byte, padding too, part by part and each byte once. Parts come in their order, which
 * is why one thread has all of them, while their blobs are looked at by any.
 */
export class PackMac {
  readonly #mac: ReturnType<Repository["sealer"]["createMac"]>;
  #header: Uint8Array = new Uint8Array();

  constructor({ sealer }: Repository) {
    this.#mac = sealer.createMac();
  }

  /** Goes on with a part; the last one tells what is wrong with the packfile, "" where nothing is. */
  add(bytes: Uint8Array, { isFirst, isLast, macFrom, macTo }: PackPart): string {
    if (isFirst) this.#header = bytes.slice(0, WRAPPER_HEADER_BYTES);
    this.#mac.update(bytes.subarray(macFrom, macTo));
    if (!isLast) return "";
    return this.#endProblem(isFirst ? bytes : Buffer.concat([this.#header, bytes.subarray(-WRAPPER_TRAILER_BYTES)]));
  }

  /** By the first and last bytes of the packfile, or all of it. */
  #endProblem(ends: Uint8Array): string {
    try {
      const { type, version, trailer } = unwrapUnchecked(ends);
      if (type !== ResourceType.packfile) return "it is not a packfile";
      if (version > V1_0_0) return "it was made by a newer version";
      return equalBytes(this.#mac.digest(), trailer) ? "" : "its bytes are not those that were written";
    } catch (error) {
      return messageOf(error);
    }
  }
}
