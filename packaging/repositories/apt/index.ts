/** Repositories for apt: a suite is one signed InRelease over the packages of every architecture. */
import { gzip } from "../archives/compression.ts";
import type {
  Architecture,
  IndexedPackage,
  NewFile,
  RepositoryKind,
  Section,
  SectionFiles,
  Signing,
} from "../contract.ts";
import { digestOf } from "../digests.ts";
import { clearSign } from "../signing/index.ts";
import { fieldOf, parseParagraph } from "./control-file.ts";
import { readDeb } from "./deb-file.ts";
import { component, readSuite } from "./read-suite.ts";
import { listedAlgorithms, writeRelease } from "./release-file.ts";
import { compareDebianVersions } from "./version-order.ts";

/** `origin` is who publishes, as `apt-cache policy` shows it and pins match it. */
export function apt(origin: string): RepositoryKind {
  return {
    name: "apt",
    extension: ".deb",
    sectionsOf: (suite, architectures) => [sectionFor(suite, architectures)],
    readPackage: readDeb,
    compareVersions: compareDebianVersions,
    makeSection: (of, packages, signing) => makeSuite(origin, of, packages, signing),
    readSection: readSuite,
    judgePackage,
  };
}

function sectionFor(suite: string, architectures: readonly Architecture[]): Section {
  return { kind: "apt", suite, folder: `apt/dists/${suite}`, architectures };
}

async function makeSuite(
  origin: string,
  { suite, folder, architectures }: Section,
  packages: readonly IndexedPackage[],
  { openPgp, timeSeconds, validForSeconds }: Signing,
): Promise<SectionFiles> {
  const indexes = architectures.flatMap((architecture) => indexFiles(architecture, packages));
  const release = writeRelease({ origin, suite, component, architectures, timeSeconds, validForSeconds }, indexes);
  const inRelease = await clearSign(release, openPgp, timeSeconds);
  const below = ({ path, content }: NewFile): NewFile => ({ path: `${folder}/${path}`, content });
  return {
    immutable: indexes.flatMap(byHash).map(below),
    // by their own names only for what knows no by-hash: for a moment they do not match InRelease
    roots: [...indexes, textFile("Release", release), textFile("InRelease", inRelease)].map(below),
  };
}

/** Not in xz or zstd: an index of ours has some kilobytes. */
function indexFiles(architecture: string, packages: readonly IndexedPackage[]): NewFile[] {
  const paragraphs = packages
    .filter((indexed) => indexed.architecture === architecture || indexed.architecture === "all")
    .toSorted((a, b) => compareText(a.name, b.name) || compareDebianVersions(a.version, b.version))
    .map(({ records: [paragraph] }) => `${paragraph}\n`);
  const index = textFile(`${component}/binary-${architecture}/Packages`, paragraphs.join("\n"));
  return [index, { path: `${index.path}.gz`, content: gzip(index.content) }];
}

function byHash({ path, content }: NewFile): NewFile[] {
  const folder = path.slice(0, path.lastIndexOf("/"));
  return Object.entries(listedAlgorithms).map(([name, algorithm]) => ({
    path: `${folder}/by-hash/${name}/${digestOf(content, algorithm)}`,
    content,
  }));
}

function judgePackage({ records: [record = ""] }: IndexedPackage, content: Uint8Array): string | undefined {
  const paragraph = parseParagraph(record);
  const size = Number(fieldOf(paragraph, "Size"));
  if (content.length !== size) return `it has ${content.length} bytes, the index says ${size}`;
  return digestOf(content, "sha256") === fieldOf(paragraph, "SHA256")
    ? undefined
    : "its bytes are not those of the index";
}

function textFile(path: string, text: string): NewFile {
  return { path, content: Buffer.from(text) };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
