import type { IndexedPackage, PackageFile, RepositoryKind, Section } from "../contract.ts";
import { RepositoryError } from "../repository-error.ts";

/**
 * A section's packages with new ones among them. What is there already, with the same bytes, is not new. Refuses other bytes
 * under a name that is taken, and versions that no client would take for an upgrade, unless `allowOlder`.
 */
export function addPackages(
  kind: RepositoryKind,
  section: Section,
  published: readonly IndexedPackage[],
  { files, allowOlder }: { readonly files: readonly PackageFile[]; readonly allowOlder: boolean },
): IndexedPackage[] {
  const packages = new Map(published.map((indexed) => [indexed.path, indexed]));
  for (const file of files) {
    const indexed = file.indexIn(section);
    if (indexed === undefined || isElsewhere(kind, published, indexed, file)) continue;
    const taken = packages.get(indexed.path);
    if (taken !== undefined) requireSame(taken, indexed, file);
    else if (!allowOlder) requireNewer(kind, published, indexed, file);
    packages.set(indexed.path, indexed);
  }
  return [...packages.values()];
}

/** Published before under another path, with the same bytes: it stays where clients know it. */
function isElsewhere(
  kind: RepositoryKind,
  published: readonly IndexedPackage[],
  indexed: IndexedPackage,
  { content }: PackageFile,
): boolean {
  const twin = published.find((other) => isSameVersion(other, indexed) && other.path !== indexed.path);
  return twin !== undefined && kind.judgePackage(twin, content) === undefined;
}

/** Whether clients take them for one. */
export function isSameVersion(a: Identity, b: Identity): boolean {
  return a.name === b.name && a.version === b.version && a.architecture === b.architecture;
}

type Identity = Pick<IndexedPackage, "name" | "version" | "architecture">;

function requireSame(taken: IndexedPackage, indexed: IndexedPackage, { fileName }: PackageFile): void {
  if (taken.records.join("\n") === indexed.records.join("\n")) return;
  throw new RepositoryError(
    "conflict",
    `${fileName}: ${indexed.name} ${indexed.version} is published already, with other bytes`,
    "what is published does not change: publish the same file, or release another version",
  );
}

function requireNewer(
  kind: RepositoryKind,
  published: readonly IndexedPackage[],
  { name, version, architecture, path }: IndexedPackage,
  { fileName }: PackageFile,
): void {
  const newest = published
    .filter((other) => other.name === name && other.architecture === architecture)
    .reduce<string>(
      (best, other) => (best === "" || kind.compareVersions(other.version, best) > 0 ? other.version : best),
      "",
    );
  if (newest === "" || kind.compareVersions(version, newest) > 0) return;
  throw new RepositoryError(
    "not-newer",
    `${fileName}: ${version} is not newer than ${newest}, which is published (${path})`,
    "release a newer version, publish to the suite of its own line, or allow older versions",
  );
}
