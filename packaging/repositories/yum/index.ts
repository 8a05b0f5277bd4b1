/** Repositories for dnf and yum: for each architecture one signed repomd.xml. */
import type { Architecture, IndexedPackage, RepositoryKind, Section, SectionFiles, Signing } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { detachedSign } from "../signing/index.ts";
import { makeMetadata, writeRepomd } from "./metadata.ts";
import { readRepository } from "./read-metadata.ts";
import { readRpm } from "./rpm-file.ts";
import { compareRpmVersions } from "./version-order.ts";
import { attributeOf, textOf } from "./xml.ts";

const architectureNames: Record<Architecture, string> = { amd64: "x86_64", arm64: "aarch64" };

export function yum(): RepositoryKind {
  return {
    name: "yum",
    extension: ".rpm",
    sectionsOf: (suite, architectures) => architectures.map((architecture) => sectionFor(suite, architecture)),
    readPackage: readRpm,
    compareVersions: compareRpmVersions,
    makeSection: makeRepository,
    readSection: readRepository,
    judgePackage,
  };
}

/** The stable suite lies at the top, where `baseurl=…/yum/$basearch` finds it. */
function sectionFor(suite: string, architecture: Architecture): Section {
  const name = architectureNames[architecture];
  return {
    kind: "yum",
    suite,
    folder: suite === "stable" ? `yum/${name}` : `yum/${suite}/${name}`,
    architectures: [name],
  };
}

async function makeRepository(
  { folder }: Section,
  packages: readonly IndexedPackage[],
  { openPgp, timeSeconds, validForSeconds }: Signing,
): Promise<SectionFiles> {
  const metadata = makeMetadata(packages.toSorted(byNameAndVersion));
  const repomd = Buffer.from(writeRepomd(metadata, timeSeconds));
  const signature = Buffer.from(await detachedSign(repomd, openPgp, { timeSeconds, validForSeconds }));
  return {
    immutable: metadata.map(({ href, content }) => ({ path: `${folder}/${href}`, content })),
    // a client in between sees a signature of another file and tries again later
    roots: [
      { path: `${folder}/repodata/repomd.xml.asc`, content: signature },
      { path: `${folder}/repodata/repomd.xml`, content: repomd },
    ],
  };
}

function byNameAndVersion(a: IndexedPackage, b: IndexedPackage): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return compareRpmVersions(a.version, b.version);
}

function judgePackage({ records: [primary = ""] }: IndexedPackage, content: Uint8Array): string | undefined {
  const size = Number(attributeOf(primary, "size", "package"));
  if (content.length !== size) return `it has ${content.length} bytes, the index says ${size}`;
  return digestOf(content, "sha256") === textOf(primary, "checksum")
    ? undefined
    : "its bytes are not those of the index";
}
