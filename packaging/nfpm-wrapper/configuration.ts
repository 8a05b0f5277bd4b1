import { PackagingError } from "../packaging-error.ts";
import type { PackageDescription, PackagedFile, PackageFormat } from "./description.ts";

export interface ConfigurationOptions {
  readonly format: PackageFormat;
  readonly fast: boolean;
  /** Where `toChangelog` was written to. */
  readonly changelog: string;
}

/** nfpm's own configuration for one format, as JSON (which its YAML parser reads). */
export function toConfiguration(description: PackageDescription, options: ConfigurationOptions): string {
  const { format, fast, changelog } = options;
  const time = new Date(description.timeSeconds * 1000).toISOString();
  const metadata = { mtime: time, owner: "root", group: "root" };
  const configuration = {
    name: description.name,
    ...versions(description.version, format),
    arch: description.architecture,
    platform: "linux",
    section: description.section,
    maintainer: description.maintainer,
    homepage: description.homepage,
    description: describe(description, format),
    license: description.license,
    mtime: time,
    depends: format === "apk" ? description.depends.map((name) => name.replaceAll(" ", "")) : description.depends,
    deb: { compression: "none" }, // see deb-compression.ts
    rpm: {
      compression: fast ? "zstd:1" : "zstd:19",
      group: description.group,
      summary: capitalized(description.summary),
      buildhost: "reproducible", // else this machine's name
    },
    contents: [
      ...description.files.map((file) => ({
        src: file.source,
        dst: file.target,
        type: typeOf(file, format),
        file_info: { ...metadata, mode: file.mode },
      })),
      ...description.folders.map(({ target, mode }) => ({
        dst: target,
        type: "dir",
        file_info: { ...metadata, mode },
      })),
    ],
    scripts: description.scripts,
    // for a deb nfpm would make a file of it, which is among `files` already
    ...(format === "rpm" && { changelog }),
  };
  refuseExpansion(configuration);
  return JSON.stringify(configuration, undefined, 2);
}

/** The changelog as nfpm reads it (https://github.com/goreleaser/chglog), of this version only. */
export function toChangelog({ version, maintainer, timeSeconds, changes }: PackageDescription): string {
  const date = new Date(timeSeconds * 1000).toISOString();
  const notes = changes.length > 0 ? changes : [`Version ${version}.`];
  return JSON.stringify([{ semver: version, date, packager: maintainer, changes: notes.map((note) => ({ note })) }]);
}

/** The revision of the packaging: Debian and rpm begin with 1, Alpine with 0. */
function versions(version: string, format: PackageFormat): Record<string, string> {
  if (format !== "apk") return { version, release: "1" };
  const [, number = version, kind, count] = /^([^-]+)(?:-([a-z]+)\.?(\d*))?$/.exec(version) ?? [];
  if (kind === undefined && version.includes("-")) throw unknownToApk(version);
  if (kind === undefined) return { version: number, release: "0" };
  // apk-tools, src/version.c: no others sort before the version itself
  if (!["alpha", "beta", "pre", "rc"].includes(kind)) throw unknownToApk(version);
  return { version: number, prerelease: `${kind}${count}`, release: "0" };
}

function unknownToApk(version: string): PackagingError {
  return new PackagingError(
    `apk has no version that sorts before a release for ${version}`,
    "call it 1.0.0-alpha.1, -beta.1 or -rc.1",
  );
}

/** apk's files have one line for it, and would take a second one for a field. */
function describe({ summary, details }: PackageDescription, format: PackageFormat): string {
  if (format === "apk") return summary;
  // rpm has the summary in a field of its own
  return (format === "rpm" ? details : [summary, ...details]).join("\n");
}

/** Debian wants it small, rpm large. */
function capitalized(line: string): string {
  return line.charAt(0).toUpperCase() + line.slice(1);
}

function typeOf({ kind }: PackagedFile, format: PackageFormat): string {
  if (format !== "rpm" || kind === undefined) return "";
  return kind === "license" ? "license" : "doc";
}

/** nfpm replaces `$NAME` by the environment's value; a description has to mean the same on every machine. */
function refuseExpansion(value: unknown): void {
  if (typeof value === "string" && value.includes("$")) throw new Error(`"$" in a package's description: ${value}`);
  if (typeof value === "object" && value !== null) Object.values(value).forEach(refuseExpansion);
}
