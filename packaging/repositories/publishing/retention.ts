import type { IndexedPackage } from "../contract.ts";

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
}

const daySeconds = 24 * 3600;

export const defaultRetention: Retention = {
  newestVersions: 10,
  ageSeconds: 366 * daySeconds,
  generations: 5,
  graceSeconds: 7 * daySeconds,
  statesKeepPackages: true,
};

/** Only so many versions, for places with little room. Clients have a day to forget the others. */
export function keepVersions(newestVersions: number): Retention {
  return { ...defaultRetention, newestVersions, ageSeconds: 0, graceSeconds: daySeconds, statesKeepPackages: false };
}

export interface Ages {
  readonly nowSeconds: number;
  /** When packages appeared, by path. What is not there appears now. */
  readonly published: ReadonlyMap<string, number>;
}

/** The packages of a section that stay in its index, judged for each name and architecture. */
export function retain(
  packages: readonly IndexedPackage[],
  compareVersions: (a: string, b: string) => number,
  { newestVersions, ageSeconds }: Retention,
  { nowSeconds, published }: Ages,
): IndexedPackage[] {
  const families = Map.groupBy(packages, ({ name, architecture }) => `${name} ${architecture}`);
  return [...families.values()].flatMap((family) =>
    family
      .toSorted((a, b) => compareVersions(b.version, a.version))
      .filter(
        ({ path }, index) => index < newestVersions || nowSeconds - (published.get(path) ?? nowSeconds) < ageSeconds,
      ),
  );
}
