import type { IndexedPackage, RepositoryKind, Section } from "../contract.ts";

export interface Retention {
  /** So many of the newest versions stay, however old. */
  readonly newestVersions: number;
  /** And so long stays every version. */
  readonly ageSeconds: number;
  /** So many states can be gone back to. */
  readonly generations: number;
  /** So long stays what nothing names any more: clients still ask for what an index of a while ago named. */
  readonly graceSeconds: number;
  /** Whether packages stay that only earlier states name. Without that, going back leaves out what is gone. */
  readonly statesKeepPackages: boolean;
  /** In no suite stays what is older than all that this one keeps; undefined judges each suite alone. */
  readonly leadingSuite: string | undefined;
}

const daySeconds = 24 * 3600;

export const defaultRetention: Retention = {
  newestVersions: 10,
  ageSeconds: 366 * daySeconds,
  generations: 5,
  graceSeconds: 7 * daySeconds,
  statesKeepPackages: true,
  leadingSuite: undefined,
};

/**
 * Only so many versions, for places with little room. Clients have a day to forget the others. Suites of old lines go with what
 * the stable one drops: each of them would keep as many versions again.
 */
export function keepVersions(newestVersions: number): Retention {
  const few = { ageSeconds: 0, graceSeconds: daySeconds, statesKeepPackages: false, leadingSuite: "stable" };
  return { ...defaultRetention, newestVersions, ...few };
}

export interface Ages {
  readonly nowSeconds: number;
  /** When packages appeared, by path. What is not there appears now. */
  readonly published: ReadonlyMap<string, number>;
}

export interface SectionPackages {
  readonly kind: RepositoryKind;
  readonly section: Section;
  readonly packages: readonly IndexedPackage[];
}

/** The packages of each section that stay in its index. */
export function retain(sections: readonly SectionPackages[], retention: Retention, ages: Ages): IndexedPackage[][] {
  const kept = sections.map(({ kind, section, packages }) => ({
    kind,
    section,
    packages: retainNewest(packages, kind.compareVersions, retention, ages),
  }));
  const leading = kept.filter(({ section }) => section.suite === retention.leadingSuite);
  return kept.map(({ kind, packages }) => {
    const floors = leading.filter((other) => other.kind === kind).map((other) => oldestOf(other));
    const isBelow = (indexed: IndexedPackage): boolean =>
      floors.some(
        (floor) => kind.compareVersions(indexed.version, floor.get(familyOf(indexed)) ?? indexed.version) < 0,
      );
    return packages.filter((indexed) => !isBelow(indexed));
  });
}

function familyOf({ name, architecture }: IndexedPackage): string {
  return `${name} ${architecture}`;
}

function retainNewest(
  packages: readonly IndexedPackage[],
  compareVersions: (a: string, b: string) => number,
  { newestVersions, ageSeconds }: Retention,
  { nowSeconds, published }: Ages,
): IndexedPackage[] {
  return [...Map.groupBy(packages, familyOf).values()].flatMap((family) =>
    family
      .toSorted((a, b) => compareVersions(b.version, a.version))
      .filter(
        ({ path }, index) => index < newestVersions || nowSeconds - (published.get(path) ?? nowSeconds) < ageSeconds,
      ),
  );
}

function oldestOf({ kind, packages }: SectionPackages): Map<string, string> {
  const oldest = new Map<string, string>();
  for (const indexed of packages) {
    const version = oldest.get(familyOf(indexed));
    if (version === undefined || kind.compareVersions(indexed.version, version) < 0)
      oldest.set(familyOf(indexed), indexed.version);
  }
  return oldest;
}
