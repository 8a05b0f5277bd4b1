import { createHash } from "node:crypto";
import { firstGzipMember } from "../archives/gzip-members.ts";
import { readTar, type TarEntry } from "../archives/tar.ts";
import type { IndexedPackage, PackageFile, Section } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { damagedPackage, messageOf } from "../repository-error.ts";
import { type PackageFields, parsePackageFields, writeRecord } from "./package-fields.ts";
import { isApkVersion } from "./version-order.ts";

/**
 * A package of apk version 2 (apk-v2(5)): gzip members of signatures (which may be missing), of control files and of data.
 * The control files name the data's digest; the index names the control member's.
 */
export function readApk(fileName: string, content: Uint8Array): PackageFile {
  try {
    const { control, fields } = readControl(content);
    const checksum = `Q1${createHash("sha1").update(control).digest("base64")}`;
    const { name, version, architecture } = fields;
    if (!isApkVersion(version)) throw new Error(`apk knows no version ${version}`);
    const indexIn = (section: Section): IndexedPackage | undefined => {
      const [own = ""] = section.architectures;
      if (architecture !== "noarch" && architecture !== own) return undefined;
      // clients look for a package below the architecture that the index gives it
      const record = writeRecord({ ...fields, architecture: own }, { checksum, sizeBytes: content.length });
      return { name, version, architecture: own, path: `${section.folder}/${name}-${version}.apk`, records: [record] };
    };
    return { kind: "apk", fileName, name, version, architecture, content, indexIn, signatureProblem: noSignature };
  } catch (cause) {
    throw damagedPackage(fileName, messageOf(cause), cause);
  }
}

function readControl(content: Uint8Array): { control: Uint8Array; fields: PackageFields } {
  const first = firstGzipMember(content);
  const isSigned = readTar(first.content).some(({ name }) => name.startsWith(".SIGN."));
  const start = isSigned ? first.compressed.length : 0;
  const { compressed: control, content: files } = isSigned ? firstGzipMember(content.subarray(start)) : first;
  const fields = parsePackageFields(fieldsFile(readTar(files)));
  const data = content.subarray(start + control.length);
  if (digestOf(data, "sha256") !== fields.dataDigest) throw new Error("its data are not those that .PKGINFO names");
  return { control, fields };
}

function fieldsFile(entries: readonly TarEntry[]): string {
  const file = entries.find(({ name }) => name === ".PKGINFO");
  if (file === undefined) throw new Error("it has no .PKGINFO");
  return new TextDecoder().decode(file.content);
}

/** From a repository, apk knows a package by the index's digest of it. */
async function noSignature(): Promise<undefined> {
  return undefined;
}
