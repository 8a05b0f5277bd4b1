/** The packages that bring the public keys of the repositories: a new key reaches users as an upgrade. */
import type { PackageDescription, PackagedFile, PackageFormat } from "./nfpm-wrapper/index.ts";
import { maintainer } from "./plakar.ts";

/** By what each system's users look for. */
export const keyringNames: Readonly<Record<PackageFormat, string>> = {
  deb: "plakar-archive-keyring",
  rpm: "plakar-release",
  apk: "plakar-keys",
};

export interface KeyringFiles {
  /** The OpenPGP keys, in binary and armored. */
  readonly binary: string;
  readonly armored: string;
  /** apk's keys, by the names that signatures refer to. */
  readonly apk: ReadonlyMap<string, string>;
  /** Debian's changelog, compressed. */
  readonly debianChangelog: string;
}

export type KeyringRelease = Pick<PackageDescription, "version" | "timeSeconds">;

export function describeKeyring(
  format: PackageFormat,
  release: KeyringRelease,
  files: KeyringFiles,
): PackageDescription {
  return {
    ...release,
    name: keyringNames[format],
    architecture: "all",
    maintainer,
    homepage: "https://example.org/plakar",
    summary: "public keys of the Plakar repositories",
    details: ["The keys with which packages of Plakar, and lists of them, are verified."],
    changes: [],
    license: "ISC",
    section: "misc",
    group: "System Environment/Base",
    depends: [],
    scripts: {},
    folders: [],
    files: keyFiles[format](files),
  };
}

const keyFiles: Readonly<Record<PackageFormat, (files: KeyringFiles) => PackagedFile[]>> = {
  deb: ({ binary, debianChangelog }) => [
    file(binary, "/usr/share/keyrings/plakar-archive-keyring.gpg"),
    file("packaging/deb/keyring-copyright", `/usr/share/doc/${keyringNames.deb}/copyright`),
    file(debianChangelog, `/usr/share/doc/${keyringNames.deb}/changelog.Debian.gz`),
  ],
  rpm: ({ armored }) => [file(armored, "/etc/pki/rpm-gpg/RPM-GPG-KEY-plakar")],
  apk: ({ apk }) => [...apk].map(([name, source]) => file(source, `/etc/apk/keys/${name}`)),
};

function file(source: string, target: string): PackagedFile {
  return { source, target, mode: 0o644 };
}
