export type PackageFormat = "deb" | "rpm" | "apk";

/** A package of one format. */
export interface PackageDescription {
  readonly name: string;
  /** Semantic version; `1.0.0-rc.1` becomes what each format sorts before `1.0.0`. */
  readonly version: string;
  /** "all" is for what no machine differs in. */
  readonly architecture: "amd64" | "arm64" | "all";
  readonly maintainer: string;
  readonly homepage: string;
  /** One line. */
  readonly summary: string;
  /** Further lines for those who want to know more; apk has no place for them. */
  readonly details: readonly string[];
  /** What is new in this version, one line each; for rpm, which keeps it in the package's header. */
  readonly changes: readonly string[];
  readonly license: string;
  /** Debian's section. */
  readonly section: string;
  /** RPM's group. */
  readonly group: string;
  /** What must be installed beside it, in the words of the format. */
  readonly depends: readonly string[];
  readonly files: readonly PackagedFile[];
  /** Folders that belong to the package though nothing of it is in them. */
  readonly folders: readonly PackagedFolder[];
  /** What runs on the user's machine, as files on this one. */
  readonly scripts: Partial<Record<ScriptName, string>>;
  /** The time of every file and of the package, in seconds since 1970. */
  readonly timeSeconds: number;
}

/** In dpkg's and rpm's order. On an upgrade apk runs scripts of its own, or none. */
export type ScriptName = "preinstall" | "postinstall" | "preremove" | "postremove";

export interface PackagedFile {
  /** On this machine, as it is to be installed (manual pages and changelogs compressed). */
  readonly source: string;
  /** The absolute path on the user's machine. */
  readonly target: string;
  readonly mode: number;
  /** What rpm calls it; nothing elsewhere. */
  readonly kind?: "documentation" | "license" | undefined;
}

export interface PackagedFolder {
  readonly target: string;
  readonly mode: number;
}
