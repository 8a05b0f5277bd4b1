/** The words that the three kinds of repository share. Each kind is one folder; what they have in common works on these. */
import type { ApkSigner, OpenPgpSigner } from "./signing/index.ts";

/** Files by their path below a root: what is published, or what is about to be. */
export interface FileTree {
  read(path: string): Promise<Uint8Array | undefined>;
  sizeOf(path: string): Promise<number | undefined>;
}

export interface NewFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** What one signed root covers: an apt suite, or a suite for one architecture in yum and apk. */
export interface Section {
  readonly kind: KindName;
  readonly suite: string;
  /** Where its index lies, below the root that all repositories share. */
  readonly folder: string;
  /** Whose packages are in it, in the words of its kind, without those for any. */
  readonly architectures: readonly string[];
}

/** A package as an index names it. */
export interface IndexedPackage {
  readonly name: string;
  /** As its kind compares it, with epoch and release. */
  readonly version: string;
  readonly architecture: string;
  readonly path: string;
  /** What the index says of it, word for word: one text for each index file. Equal records are equal packages. */
  readonly records: readonly string[];
}

/** A package that is to be published. */
export interface PackageFile {
  readonly kind: KindName;
  readonly fileName: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly content: Uint8Array;
  /** What a section's index is to say of it; undefined where the section is for other architectures. */
  indexIn(section: Section): IndexedPackage | undefined;
  /** Why clients would refuse its own signature; undefined if they would not, or look for none. */
  signatureProblem(trust: Trust): Promise<string | undefined>;
}

/** A section as its signed root describes it, down to the names of its packages. */
export interface PublishedSection {
  readonly packages: readonly IndexedPackage[];
  /** Everything but packages that belongs to it, its roots included. */
  readonly files: readonly string[];
  /** When it was signed. apk's index does not say. */
  readonly timeSeconds: number | undefined;
  /** From when on clients refuse it. */
  readonly expiresSeconds: number | undefined;
}

export interface SectionFiles {
  /** Under names that never get other bytes. */
  readonly immutable: readonly NewFile[];
  /** What clients begin with, in the order in which it has to appear. */
  readonly roots: readonly NewFile[];
}

export interface Signing {
  readonly openPgp: readonly OpenPgpSigner[];
  readonly apk: readonly ApkSigner[];
  readonly timeSeconds: number;
  /**
   * For how long clients accept what is signed now; undefined is for ever. In what is asked for, 0 is for ever, and undefined
   * as long as what is published.
   */
  readonly validForSeconds: number | undefined;
}

/** What a client knows: public keys, and the time. */
export interface Trust {
  /** Armored OpenPGP keys. */
  readonly openPgp: readonly string[];
  /** PEM by the file name that signatures refer to. */
  readonly apk: ReadonlyMap<string, string>;
  /** Undefined accepts what has expired, for whoever is about to replace it. */
  readonly timeSeconds: number | undefined;
}

export type KindName = "apt" | "yum" | "apk";
export type Architecture = "amd64" | "arm64";

export interface RepositoryKind {
  readonly name: KindName;
  readonly extension: string;
  sectionsOf(suite: string, architectures: readonly Architecture[]): Section[];
  /** Throws a RepositoryError if the file is not a whole package of this kind. */
  readPackage(fileName: string, content: Uint8Array): PackageFile;
  /** Negative when `a` is older than `b`. */
  compareVersions(a: string, b: string): number;
  makeSection(section: Section, packages: readonly IndexedPackage[], signing: Signing): Promise<SectionFiles>;
  /**
   * Follows a section from its signed root as a client does. Undefined when nothing is published there; throws a
   * RepositoryError at the first thing that is wrong.
   */
  readSection(tree: FileTree, section: Section, trust: Trust): Promise<PublishedSection | undefined>;
  /** What is wrong with a package's bytes, judged by its records; undefined if nothing is. */
  judgePackage(indexed: IndexedPackage, content: Uint8Array): string | undefined;
}
