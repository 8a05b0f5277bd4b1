/** Repositories for apk, version 2, which apk-tools 2 and 3 read: for each architecture one signed APKINDEX.tar.gz. */
import type {
  Architecture,
  FileTree,
  IndexedPackage,
  PublishedSection,
  RepositoryKind,
  Section,
  SectionFiles,
  Signing,
  Trust,
} from "../contract.ts";
import { messageOf, refused } from "../repository-error.ts";
import { readApk } from "./apk-file.ts";
import { readIndexArchive, writeIndexArchive } from "./index-archive.ts";
import { valueOf } from "./package-fields.ts";
import { compareApkVersions } from "./version-order.ts";

const architectureNames: Record<Architecture, string> = { amd64: "x86_64", arm64: "aarch64" };

/** `origin` is what the index calls itself. */
export function apk(origin: string): RepositoryKind {
  return {
    name: "apk",
    extension: ".apk",
    sectionsOf: (suite, architectures) => architectures.map((architecture) => sectionFor(suite, architecture)),
    readPackage: readApk,
    compareVersions: compareApkVersions,
    makeSection: (of, packages, signing) => makeIndex(origin, of, packages, signing),
    readSection,
    judgePackage,
  };
}

/** The stable suite lies at the top; clients put the architecture behind what they are given. */
function sectionFor(suite: string, architecture: Architecture): Section {
  const name = architectureNames[architecture];
  return {
    kind: "apk",
    suite,
    folder: suite === "stable" ? `apk/${name}` : `apk/${suite}/${name}`,
    architectures: [name],
  };
}

async function makeIndex(
  origin: string,
  { suite, folder }: Section,
  packages: readonly IndexedPackage[],
  signing: Signing,
): Promise<SectionFiles> {
  const records = packages.toSorted(byNameAndVersion).map(({ records: [record = ""] }) => record);
  const content = writeIndexArchive(`${origin} ${suite}`, records, signing.apk);
  return { immutable: [], roots: [{ path: indexPath(folder), content }] };
}

function indexPath(folder: string): string {
  return `${folder}/APKINDEX.tar.gz`;
}

async function readSection(tree: FileTree, { folder }: Section, trust: Trust): Promise<PublishedSection | undefined> {
  const path = indexPath(folder);
  const archive = await tree.read(path);
  if (archive === undefined) return undefined;
  try {
    const packages = readIndexArchive(archive, trust.apk).map((record) => readRecord(folder, record));
    return { packages, files: [path], timeSeconds: undefined, expiresSeconds: undefined };
  } catch (cause) {
    throw refused(path, cause);
  }
}

function readRecord(folder: string, record: string): IndexedPackage {
  const [name, version] = [valueOf(record, "P"), valueOf(record, "V")];
  const architecture = valueOf(record, "A");
  return { name, version, architecture, path: `${folder}/${name}-${version}.apk`, records: [record] };
}

/** The index knows a package by its size and its control member, which knows the data. */
function judgePackage(
  { path, architecture, records: [record = ""] }: IndexedPackage,
  content: Uint8Array,
): string | undefined {
  const size = Number(valueOf(record, "S"));
  if (content.length !== size) return `it has ${content.length} bytes, the index says ${size}`;
  try {
    const section: Section = { kind: "apk", suite: "", folder: "", architectures: [architecture] };
    const [own = ""] = readApk(path, content).indexIn(section)?.records ?? [];
    return valueOf(own, "C") === valueOf(record, "C") ? undefined : "its bytes are not those of the index";
  } catch (cause) {
    return messageOf(cause);
  }
}

function byNameAndVersion(a: IndexedPackage, b: IndexedPackage): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return compareApkVersions(a.version, b.version);
}
