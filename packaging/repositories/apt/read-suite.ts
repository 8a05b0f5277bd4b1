import type { FileTree, IndexedPackage, PublishedSection, Section, Trust } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { damagedRepository, refused } from "../repository-error.ts";
import { verifyClearSigned } from "../signing/index.ts";
import { fieldOf, parseParagraph, splitParagraphs } from "./control-file.ts";
import { type ListedFile, listedAlgorithms, type Release, readRelease } from "./release-file.ts";

/** Sections within a suite are for licences and the like; ours has one. */
export const component = "main";

/** From InRelease by way of by-hash to the paragraphs of the packages, as apt goes. */
export async function readSuite(tree: FileTree, section: Section, trust: Trust): Promise<PublishedSection | undefined> {
  const path = `${section.folder}/InRelease`;
  const signed = await tree.read(path);
  if (signed === undefined) return undefined;
  const release = await openRelease(path, signed, trust);
  if (release.suite !== section.suite) throw damagedRepository(path, `it is of the suite ${release.suite}`);
  requireTime(path, release, trust.timeSeconds);
  const files = [path, `${section.folder}/Release`];
  const packages = new Map<string, IndexedPackage>();
  for (const listed of release.files) {
    const { content, paths } = await readListed(tree, section.folder, listed);
    files.push(`${section.folder}/${listed.path}`, ...paths);
    if (!listed.path.endsWith("/Packages")) continue;
    for (const indexed of readPackages(listed.path, content)) packages.set(indexed.path, indexed);
  }
  const { timeSeconds, expiresSeconds } = release;
  return { packages: [...packages.values()], files, timeSeconds, expiresSeconds };
}

async function openRelease(path: string, signed: Uint8Array, trust: Trust): Promise<Release> {
  try {
    const text = await verifyClearSigned(new TextDecoder().decode(signed), trust.openPgp, trust.timeSeconds);
    return readRelease(text);
  } catch (cause) {
    throw refused(path, cause);
  }
}

function requireTime(path: string, { timeSeconds, expiresSeconds }: Release, now: number | undefined): void {
  if (now === undefined) return;
  if (timeSeconds > now) throw damagedRepository(path, "it is dated in the future");
  if (expiresSeconds !== undefined && expiresSeconds < now) throw damagedRepository(path, "it has expired");
}

/** A file that Release lists, out of by-hash: there under every digest, with the bytes that the digest names. */
async function readListed(
  tree: FileTree,
  suiteFolder: string,
  { path, sizeBytes, digests }: ListedFile,
): Promise<{ content: Uint8Array; paths: string[] }> {
  const folder = `${suiteFolder}/${path.slice(0, path.lastIndexOf("/"))}/by-hash`;
  const paths: string[] = [];
  let found: Uint8Array | undefined;
  for (const [name, algorithm] of Object.entries(listedAlgorithms)) {
    const digest = digests.get(name as keyof typeof listedAlgorithms);
    const hashPath = `${folder}/${name}/${digest}`;
    const content = await tree.read(hashPath);
    if (content === undefined) throw damagedRepository(hashPath, `it is missing; Release lists it as ${path}`);
    if (content.length !== sizeBytes || digestOf(content, algorithm) !== digest)
      throw damagedRepository(hashPath, "its bytes are not those that Release lists");
    paths.push(hashPath);
    found = content;
  }
  if (found === undefined) throw damagedRepository(path, "it is in no list");
  return { content: found, paths };
}

function readPackages(path: string, content: Uint8Array): IndexedPackage[] {
  return splitParagraphs(new TextDecoder().decode(content)).map((text) => {
    try {
      const paragraph = parseParagraph(text);
      return {
        name: fieldOf(paragraph, "Package"),
        version: fieldOf(paragraph, "Version"),
        architecture: fieldOf(paragraph, "Architecture"),
        path: `apt/${fieldOf(paragraph, "Filename")}`,
        records: [text.trimEnd()],
      };
    } catch (cause) {
      throw refused(path, cause);
    }
  });
}
