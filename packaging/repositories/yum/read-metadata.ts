import { posix } from "node:path";
import { decompress } from "../archives/compression.ts";
import type { FileTree, IndexedPackage, PublishedSection, Section, Trust } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { damagedRepository, refused } from "../repository-error.ts";
import { verifyDetached } from "../signing/index.ts";
import { type MetadataKind, metadataKinds } from "./metadata.ts";
import { attributeOf, elementsOf, textOf } from "./xml.ts";

/** From repomd.xml and its signature by way of primary, filelists and other to the packages, as dnf goes. */
export async function readRepository(
  tree: FileTree,
  section: Section,
  trust: Trust,
): Promise<PublishedSection | undefined> {
  const path = `${section.folder}/repodata/repomd.xml`;
  const repomd = await tree.read(path);
  if (repomd === undefined) return undefined;
  const expiresSeconds = await requireSignature(tree, path, repomd, trust);
  const text = new TextDecoder().decode(repomd);
  const files = [path, `${path}.asc`];
  const records: string[][] = [];
  try {
    for (const kind of metadataKinds) {
      const href = hrefOf(text, kind);
      files.push(`${section.folder}/${href}`);
      records.push(elementsOf(await readMetadata(tree, `${section.folder}/${href}`, dataOf(text, kind)), "package"));
    }
    const timeSeconds = Number(textOf(text, "revision"));
    return { packages: joinRecords(section, records), files, timeSeconds, expiresSeconds };
  } catch (cause) {
    throw refused(path, cause);
  }
}

/** When the signature ends, for it is the only date in a repository for dnf that clients heed. */
async function requireSignature(
  tree: FileTree,
  path: string,
  repomd: Uint8Array,
  trust: Trust,
): Promise<number | undefined> {
  const signature = await tree.read(`${path}.asc`);
  if (signature === undefined) throw damagedRepository(path, "its signature is missing");
  try {
    return await verifyDetached(repomd, new TextDecoder().decode(signature), trust.openPgp, trust.timeSeconds);
  } catch (cause) {
    throw refused(path, cause);
  }
}

function dataOf(repomd: string, kind: MetadataKind): string {
  const data = elementsOf(repomd, "data").find((entry) => attributeOf(entry, "data", "type") === kind);
  if (data === undefined) throw new Error(`it does not name ${kind}`);
  return data;
}

function hrefOf(repomd: string, kind: MetadataKind): string {
  return attributeOf(dataOf(repomd, kind), "location", "href");
}

async function readMetadata(tree: FileTree, path: string, data: string): Promise<string> {
  const content = await tree.read(path);
  if (content === undefined) throw damagedRepository(path, "it is missing");
  if (digestOf(content, "sha256") !== textOf(data, "checksum"))
    throw damagedRepository(path, "its bytes are not those that repomd.xml names");
  return new TextDecoder().decode(decompress(path, content));
}

/** The three texts of each package, which its digest holds together. */
function joinRecords({ folder }: Section, [primary = [], ...others]: readonly string[][]): IndexedPackage[] {
  const byDigest = others.map(
    (records) => new Map(records.map((text) => [attributeOf(text, "package", "pkgid"), text])),
  );
  return primary.map((record) => {
    const digest = textOf(record, "checksum");
    const records = byDigest.map((texts) => {
      const text = texts.get(digest);
      if (text === undefined) throw new Error(`a package is not in every index: ${digest}`);
      return text;
    });
    return {
      ...identityOf(record),
      path: pathOf(folder, attributeOf(record, "location", "href")),
      records: [record, ...records],
    };
  });
}

/** Packages may lie beside the folder of a suite, and nowhere else. */
function pathOf(folder: string, href: string): string {
  const path = posix.join(folder, href);
  if (!path.startsWith("yum/")) throw new Error(`it names ${href}`);
  return path;
}

function identityOf(record: string): { name: string; version: string; architecture: string } {
  const [epoch, version, release] = ["epoch", "ver", "rel"].map((part) => attributeOf(record, "version", part));
  return {
    name: textOf(record, "name"),
    version: `${epoch === "0" ? "" : `${epoch}:`}${version}-${release}`,
    architecture: textOf(record, "arch"),
  };
}
