import { createMessage, config as defaults, enums, type PrivateKey, sign } from "openpgp";
import { binaryType, readHeader, writeHeader } from "./rpm-header.ts";

const leadLength = 96;
/** The region of a signature header, and the OpenPGP signature over the header (rpmtag.h). */
const [headerSignatures, rsaHeader] = [62, 268];

/**
 * An rpm with a signature over its header, which holds the digests of everything else. The signature is dated as told and
 * has no random part: nfpm's own is dated now, so that no two are the same.
 */
export async function signRpm(rpm: Uint8Array, key: PrivateKey, timeSeconds: number): Promise<Uint8Array> {
  const file = Buffer.from(rpm.buffer, rpm.byteOffset, rpm.byteLength);
  const signatures = readHeader(file, leadLength);
  const start = signatures.end + padding(signatures.end);
  const header = file.subarray(start, readHeader(file, start).end);
  const content = await detachedSignature(header, key, timeSeconds);
  const signed = writeHeader(headerSignatures, [
    ...signatures.entries.filter(({ tag }) => tag !== rsaHeader),
    { tag: rsaHeader, type: binaryType, count: content.length, content },
  ]);
  return Buffer.concat([
    file.subarray(0, leadLength),
    signed,
    Buffer.alloc(padding(signed.length)),
    file.subarray(start),
  ]);
}

/** The header begins at a multiple of 8; so does the signature header, after the lead. */
function padding(length: number): number {
  return (8 - (length % 8)) % 8;
}

/** RFC 9580, in the packets of version 4 that every rpm reads. */
async function detachedSignature(content: Uint8Array, key: PrivateKey, timeSeconds: number): Promise<Uint8Array> {
  return sign({
    message: await createMessage({ binary: content }),
    signingKeys: key,
    detached: true,
    format: "binary",
    date: new Date(timeSeconds * 1000),
    config: {
      ...defaults,
      preferredHashAlgorithm: enums.hash.sha512,
      nonDeterministicSignaturesViaNotation: false,
    },
  });
}
