export type PackageFormat = "deb" | "rpm" | "apk";

/** A package, whatever its format. */
export interface PackageDescription {
  readonly name: string;
  /** Semantic version; `1.0.0-rc.1` becomes what each format sorts before `1.0.0`. */
  readonly version: string;
  readonly architecture: "amd64" | "arm64";
  readonly maintainer: string;
  /** One line. */
  readonly summary: string;
  /** Further lines for those who want to know more. */
  readonly details: readonly string[];
  readonly license: string;
  readonly section: string;
  /** What must be installed beside it, in the words of each format's distributions. */
  readonly depends: Readonly<Record<PackageFormat, readonly string[]>>;
  readonly files: readonly PackagedFile[];
  /** The time of every file and of the package, in seconds since 1970. */
  readonly timeSeconds: number;
}

export interface PackagedFile {
  /** On this machine, as it is to be installed (manual pages and changelogs compressed). */
  readonly source: string;
  /** The absolute path on the user's machine. */
  readonly target: string;
  readonly mode: number;
}
