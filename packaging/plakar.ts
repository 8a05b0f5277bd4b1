/** What the Linux packages of Plakar contain and need. */
import type { PackageDescription, PackagedFile } from "./nfpm-wrapper/index.ts";

export const maintainer = "The Plakar developers <plakar@example.org>";

export interface PlakarFiles {
  readonly executable: string;
  readonly changelog: string;
  /** The licences of Node and of what it contains, which travel inside the executable. */
  readonly nodeLicense: string;
  /** Compressed manual pages of section 1, by the name they are installed under. */
  readonly manPages: ReadonlyMap<string, string>;
}

export type PlakarRelease = Pick<PackageDescription, "version" | "architecture" | "timeSeconds">;

/** One description for every format. */
export function describePlakar(release: PlakarRelease, files: PlakarFiles): PackageDescription {
  return {
    ...release,
    name: "plakar",
    maintainer,
    summary: "deduplicating, encrypted, immutable backups",
    details: [
      "Plakar saves files, buckets, servers and mailboxes as snapshots in a Kloset",
      "store, which may lie anywhere: on a disk, on a server, in object storage.",
      "Snapshots are deduplicated, compressed and encrypted before they leave the",
      "machine, and can be browsed, searched, checked, mounted and restored.",
    ],
    license: "ISC",
    section: "admin",
    depends: {
      // what Node's executable is linked to (`readelf -d`), with the versions of its symbols
      deb: ["libc6 (>= 2.28)", "libstdc++6 (>= 6)", "libgcc-s1", "libatomic1"],
      rpm: ["glibc >= 2.28", "libstdc++ >= 6", "libgcc", "libatomic"],
      apk: [], // brings its own loader and libraries
    },
    files: [
      { source: files.executable, target: "/usr/bin/plakar", mode: 0o755 },
      document("packaging/deb/copyright", "copyright"),
      document(files.changelog, "changelog.gz"),
      document(files.nodeLicense, "LICENSE.node.gz"),
      ...[...files.manPages].map(([name, source]) => ({ source, target: `/usr/share/man/man1/${name}`, mode: 0o644 })),
    ],
  };
}

function document(source: string, name: string): PackagedFile {
  return { source, target: `/usr/share/doc/plakar/${name}`, mode: 0o644 };
}
