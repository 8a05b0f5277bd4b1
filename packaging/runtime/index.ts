/** What an executable for Linux needs beside it where the system has no fitting C library. */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { downloadDebianPackages } from "./debian.ts";
import { type Architecture, libraries, licensePackages, platforms } from "./libraries.ts";

export interface Runtime {
  readonly loader: string;
  readonly pageSize: number;
  /** Loader and libraries, by the names under which they are looked for. */
  readonly libraries: readonly string[];
  /** Licences, and where the sources are. */
  readonly documents: readonly string[];
  /** Holds both. */
  readonly folder: string;
}

const sourceOffer = "SOURCES";
/** Debian's copyright files refer to these texts, which are in a package of their own. */
const commonLicenses = { package: "base-files", names: ["LGPL-2.1", "GPL-2", "GPL-3"] } as const;

/** The runtime for an architecture, fetched the first time and kept in `cache`. */
export function fetchRuntime(architecture: Architecture, cache: string): Runtime {
  const { loader, pageSize } = platforms[architecture];
  const folder = resolve(cache, `runtime-debian-12-${architecture}`);
  if (!existsSync(folder)) assemble(architecture, cache, folder);
  return {
    folder,
    loader,
    pageSize,
    libraries: [loader, ...Object.values(libraries).flat()],
    documents: [
      ...[...new Set(Object.values(licensePackages)), ...commonLicenses.names].map((name) => `LICENSE.${name}`),
      sourceOffer,
    ],
  };
}

function assemble(architecture: Architecture, cache: string, folder: string): void {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "runtime-"));
  try {
    const names = [...new Set([...Object.keys(libraries), ...Object.values(licensePackages)])];
    const root = join(work, "root");
    const made = join(work, "made");
    mkdirSync(made);
    const packages = downloadDebianPackages([...names, commonLicenses.package], architecture, work);
    for (const file of packages) execFileSync("dpkg-deb", ["--extract", file, root]);
    collectLibraries(root, made, architecture);
    for (const name of new Set(Object.values(licensePackages)))
      copyFileSync(join(root, "usr/share/doc", name, "copyright"), join(made, `LICENSE.${name}`));
    for (const name of commonLicenses.names)
      copyFileSync(join(root, "usr/share/common-licenses", name), join(made, `LICENSE.${name}`));
    writeFileSync(join(made, sourceOffer), offerSources(packages.slice(0, names.length)));
    keep(made, folder);
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Another process may have been faster; what it kept is the same. */
function keep(made: string, folder: string): void {
  try {
    renameSync(made, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** Debian installs most of them under their full version, with links by the name that is looked for. */
function collectLibraries(root: string, made: string, architecture: Architecture): void {
  const { triplet, loader } = platforms[architecture];
  for (const name of [loader, ...Object.values(libraries).flat()]) {
    const places = [join("lib", triplet), join("usr/lib", triplet)].map((place) => join(root, place, name));
    const found = places.find((place) => existsSync(place));
    if (found === undefined) throw new Error(`Debian's packages hold no ${name}`);
    copyFileSync(realpathSync(found), join(made, name));
  }
}

/** glibc is under the LGPL, gcc's libraries under the GPL with the runtime exception: whoever has them may have their sources. */
function offerSources(packages: readonly string[]): string {
  const lines = packages.map((file) => {
    const field = (name: string): string =>
      execFileSync("dpkg-deb", ["--field", file, name], { encoding: "utf8" }).trim();
    const [source = "", version = field("Version")] = (field("Source") || field("Package")).split(/[ ()]+/);
    return `${field("Package")} ${field("Version")} (${field("Architecture")}): source package ${source} ${version}`;
  });
  return `The loader and the libraries beside plakar are those of Debian 12, unchanged:

${lines.map((line) => `  ${line}`).join("\n")}

Their licences are in the files LICENSE.* here. Their complete sources, with all changes of Debian, are at
https://snapshot.debian.org/package/SOURCE/VERSION/ and in Debian's archive (https://www.debian.org/distrib/). For three
years from the release of this version the developers of plakar also send them to anybody who asks, for the cost of
sending. You may replace each of these libraries by another that is compatible with it: put it in its place.
`;
}
