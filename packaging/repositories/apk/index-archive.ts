import { gunzipSync } from "node:zlib";
import { gzip } from "../archives/compression.ts";
import { firstGzipMember } from "../archives/gzip-members.ts";
import { readTar, writeTar } from "../archives/tar.ts";
import { unknownSigner } from "../repository-error.ts";
import { type ApkSigner, signApk, verifyApk } from "../signing/index.ts";

const signaturePrefix = ".SIGN.RSA256.";

/**
 * APKINDEX.tar.gz (apk-v2(5)): a gzip member with one signature for each key over the bytes that follow, whose tar has no
 * end; then a gzip member with the index.
 */
export function writeIndexArchive(
  description: string,
  records: readonly string[],
  signers: readonly ApkSigner[],
): Uint8Array {
  const index = records.map((record) => `${record}\n\n`).join("");
  const entries = [
    { name: "DESCRIPTION", content: Buffer.from(description) },
    { name: "APKINDEX", content: Buffer.from(index) },
  ];
  const signed = gzip(writeTar(entries, { end: true }));
  const signatures = signers.map((signer) => ({
    name: `${signaturePrefix}${signer.keyName}`,
    content: signApk(signed, signer),
  }));
  return Buffer.concat([gzip(writeTar(signatures, { end: false })), signed]);
}

/** The records of an index that one of the keys has signed. Throws an Error on any other. */
export function readIndexArchive(archive: Uint8Array, keys: ReadonlyMap<string, string>): string[] {
  const first = firstGzipMember(archive);
  const signed = archive.subarray(first.compressed.length);
  const signatures = readTar(first.content);
  const known = signatures.flatMap(({ name, content }) => {
    const key = name.startsWith(signaturePrefix) ? keys.get(name.slice(signaturePrefix.length)) : undefined;
    return key === undefined ? [] : [{ key, content }];
  });
  if (known.length === 0) throw unknownSigner(signatures.map(({ name }) => name));
  if (!known.some(({ key, content }) => verifyApk(signed, content, key))) throw new Error("its signature does not fit");
  const index = readTar(gunzipSync(signed)).find(({ name }) => name === "APKINDEX");
  if (index === undefined) throw new Error("there is no APKINDEX in it");
  return new TextDecoder()
    .decode(index.content)
    .split("\n\n")
    .filter((record) => record !== "");
}
