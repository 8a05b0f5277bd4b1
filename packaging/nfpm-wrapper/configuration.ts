import type { PackageDescription, PackageFormat } from "./description.ts";

/** nfpm's own configuration for one format, as JSON (which its YAML parser reads). */
export function toConfiguration(description: PackageDescription, format: PackageFormat): string {
  const time = new Date(description.timeSeconds * 1000).toISOString();
  const configuration = {
    name: description.name,
    version: description.version,
    arch: description.architecture,
    platform: "linux",
    section: description.section,
    maintainer: description.maintainer,
    description: [description.summary, ...description.details].join("\n"),
    license: description.license,
    mtime: time,
    depends: description.depends[format],
    deb: { compression: "zstd" }, // xz takes ten times as long for a tenth less
    contents: description.files.map(({ source, target, mode }) => ({
      src: source,
      dst: target,
      file_info: { mode, mtime: time, owner: "root", group: "root" },
    })),
  };
  refuseExpansion(configuration);
  return JSON.stringify(configuration, undefined, 2);
}

/** nfpm replaces `$NAME` by the environment's value; a description has to mean the same on every machine. */
function refuseExpansion(value: unknown): void {
  if (typeof value === "string" && value.includes("$")) throw new Error(`"$" in a package's description: ${value}`);
  if (typeof value === "object" && value !== null) Object.values(value).forEach(refuseExpansion);
}
