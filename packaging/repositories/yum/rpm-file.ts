import { posix } from "node:path";
import type { IndexedPackage, PackageFile, Section, Trust } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { damagedPackage, messageOf } from "../repository-error.ts";
import { verifyDetached } from "../signing/index.ts";
import { numberOf, requiredText, textOf, textsOf } from "./header-values.ts";
import { recordsOf } from "./package-records.ts";
import { type HeaderValues, type RpmHeaders, readRpmHeaders } from "./rpm-header.ts";
import { signatureTags, tags } from "./rpm-tags.ts";

/** An rpm, with the texts that primary, filelists and other are to have of it. */
export function readRpm(fileName: string, content: Uint8Array): PackageFile {
  try {
    const headers = readRpmHeaders(content);
    requireWhole(headers, content);
    const identity = identityOf(headers.header);
    const digest = digestOf(content, "sha256");
    const name = canonicalName(headers.header);
    const indexIn = (section: Section): IndexedPackage | undefined => {
      const { architecture } = identity;
      if (architecture !== "noarch" && !section.architectures.includes(architecture)) return undefined;
      const path = `${packagesFolder(section)}/${name}`;
      const href = posix.relative(section.folder, path);
      return { ...identity, path, records: recordsOf(headers, { digest, sizeBytes: content.length, href }) };
    };
    const signatureProblem = (trust: Trust): Promise<string | undefined> => judgeSignature(headers, content, trust);
    return { kind: "yum", fileName, ...identity, content, indexIn, signatureProblem };
  } catch (cause) {
    throw damagedPackage(fileName, messageOf(cause), cause);
  }
}

/** One for all suites, which refer to it from their own folders: no package lies there twice. The stable suite's is inside it. */
function packagesFolder({ architectures: [architecture = ""] }: Section): string {
  return `yum/${architecture}/Packages`;
}

function identityOf(header: HeaderValues): { name: string; version: string; architecture: string } {
  const epoch = numberOf(header, tags.epoch);
  const version = `${requiredText(header, tags.version)}-${requiredText(header, tags.release)}`;
  return {
    name: requiredText(header, tags.name),
    version: epoch === 0 ? version : `${epoch}:${version}`,
    architecture: requiredText(header, tags.architecture),
  };
}

function canonicalName(header: HeaderValues): string {
  const [name, version, release, architecture] = [tags.name, tags.version, tags.release, tags.architecture].map((tag) =>
    requiredText(header, tag),
  );
  return `${name}-${version}-${release}.${architecture}.rpm`;
}

/** The file is as long as its signature header says, and has the digests that its headers bear. */
function requireWhole({ signature, header, headerRange }: RpmHeaders, content: Uint8Array): void {
  const size = numberOf(signature, signatureTags.size);
  if (size !== 0 && headerRange.start + size !== content.length) throw new Error("the rpm is cut short");
  const headerDigest = textOf(signature, signatureTags.sha256Header);
  const headerBytes = content.subarray(headerRange.start, headerRange.end);
  if (headerDigest !== "" && digestOf(headerBytes, "sha256") !== headerDigest) throw new Error("its header is damaged");
  const [payloadDigest] = textsOf(header, tags.payloadDigests);
  if (payloadDigest !== undefined && digestOf(content.subarray(headerRange.end), "sha256") !== payloadDigest)
    throw new Error("its payload is damaged");
}

/** With `gpgcheck`, dnf wants a signature over the header, which has the digest of the payload. */
async function judgeSignature(
  { signature, headerRange }: RpmHeaders,
  content: Uint8Array,
  { openPgp }: Trust,
): Promise<string | undefined> {
  const bytes = signature.get(signatureTags.rsaHeader);
  if (!(bytes instanceof Uint8Array)) return "it is not signed";
  try {
    await verifyDetached(content.subarray(headerRange.start, headerRange.end), bytes, openPgp, undefined);
    return undefined;
  } catch (cause) {
    return messageOf(cause);
  }
}
