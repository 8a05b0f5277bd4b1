/** What the Linux packages of Plakar contain and need. */
import { ownRuntimeFiles } from "./linux/own-runtime.ts";
import type { PackageDescription, PackagedFile, PackageFormat } from "./nfpm-wrapper/index.ts";
import type { Runtime } from "./runtime/index.ts";

export const maintainer = "The Plakar developers <plakar@example.org>";
const homepage = "https://example.org/plakar";

export interface PlakarFiles {
  readonly executable: string;
  /** Debian's own changelog, and everybody's; both compressed, as is what follows. */
  readonly debianChangelog: string;
  readonly changelog: string;
  /** The licences of Node and of what it contains, which travel inside the executable. */
  readonly nodeLicense: string;
  /** Manual pages of section 1, by the name they are installed under. */
  readonly manPages: ReadonlyMap<string, string>;
  /** Not compressed. */
  readonly completions: Readonly<Record<"bash" | "zsh" | "fish", string>>;
  /** For Alpine: the loader and the libraries that the executable names. */
  readonly runtime?: Runtime | undefined;
}

export type PlakarRelease = Pick<PackageDescription, "version" | "architecture" | "timeSeconds" | "changes">;

/** One description, with what each format calls for. */
export function describePlakar(format: PackageFormat, release: PlakarRelease, files: PlakarFiles): PackageDescription {
  return {
    ...release,
    name: "plakar",
    maintainer,
    homepage,
    summary: "deduplicating, encrypted, immutable backups",
    details: [
      "Plakar saves trees of files, archives and streams as snapshots in a Kloset",
      "store, which other implementations of that format read and write as well.",
      "Snapshots are deduplicated, compressed and encrypted before they are stored,",
      "and can be listed, compared, searched, checked and restored.",
    ],
    license: "ISC",
    section: "admin",
    group: "Applications/Archiving",
    depends: depends[format],
    scripts: scripts[format],
    folders: [{ target: "/etc/plakar", mode: 0o755 }],
    files: [
      { source: files.executable, target: "/usr/bin/plakar", mode: 0o755 },
      ...[...files.manPages].map(([name, source]) => file(source, `/usr/share/man/man1/${name}`, "documentation")),
      ...completionFiles(format, files),
      ...documents[format](files),
      file("packaging/linux/home.conf", `${doc}/examples/home.conf`, "documentation"),
      ...services(format),
      ...(files.runtime === undefined ? [] : ownRuntimeFiles(files.runtime)),
    ],
  };
}

/** What Node's executable is linked to (`readelf -d`), with the versions of its symbols; rpm calls that by its contents. */
const depends: Readonly<Record<PackageFormat, readonly string[]>> = {
  deb: ["libc6 (>= 2.28)", "libstdc++6 (>= 7)", "libgcc-s1", "libatomic1"],
  rpm: [
    "libc.so.6(GLIBC_2.28)(64bit)",
    "libm.so.6(GLIBC_2.27)(64bit)",
    "libstdc++.so.6(CXXABI_1.3.11)(64bit)",
    "libgcc_s.so.1(GCC_4.2.0)(64bit)",
    "libatomic.so.1(LIBATOMIC_1.0)(64bit)",
  ],
  apk: [], // brings its own loader and libraries
};

/** Alpine has no systemd that would have to be told. */
const scripts: Readonly<Record<PackageFormat, PackageDescription["scripts"]>> = {
  deb: { postinstall: "packaging/deb/postinst", preremove: "packaging/deb/prerm", postremove: "packaging/deb/postrm" },
  rpm: { postinstall: "packaging/rpm/post", preremove: "packaging/rpm/preun", postremove: "packaging/rpm/postun" },
  apk: {},
};

const doc = "/usr/share/doc/plakar";
const licenses = "/usr/share/licenses/plakar";

const documents: Readonly<Record<PackageFormat, (files: PlakarFiles) => PackagedFile[]>> = {
  deb: (files) => [
    file("packaging/deb/copyright", `${doc}/copyright`),
    file("NOTICE", `${doc}/NOTICE`),
    file(files.nodeLicense, `${doc}/LICENSE.node.gz`),
    file(files.debianChangelog, `${doc}/changelog.Debian.gz`),
    file(files.changelog, `${doc}/changelog.gz`),
    file("packaging/deb/lintian-overrides", "/usr/share/lintian/overrides/plakar"),
  ],
  rpm: licensed,
  apk: licensed,
};

function licensed(files: PlakarFiles): PackagedFile[] {
  return [
    file("LICENSE", `${licenses}/LICENSE`, "license"),
    file("NOTICE", `${licenses}/NOTICE`, "license"),
    file(files.nodeLicense, `${licenses}/LICENSE.node.gz`, "license"),
    file(files.changelog, `${doc}/CHANGELOG.gz`, "documentation"),
  ];
}

function completionFiles(format: PackageFormat, { completions }: PlakarFiles): PackagedFile[] {
  const zsh = format === "deb" ? "vendor-completions" : "site-functions";
  return [
    file(completions.bash, "/usr/share/bash-completion/completions/plakar"),
    file(completions.zsh, `/usr/share/zsh/${zsh}/_plakar`),
    file(completions.fish, "/usr/share/fish/vendor_completions.d/plakar.fish"),
  ];
}

/** Off until somebody turns an instance on. */
function services(format: PackageFormat): PackagedFile[] {
  if (format === "apk")
    return [{ source: "packaging/openrc/plakar-backup", target: "/etc/init.d/plakar-backup", mode: 0o755 }];
  // where units lie on systems with and without a merged /usr
  const folder = format === "deb" ? "/lib/systemd/system" : "/usr/lib/systemd/system";
  return ["backup", "check"].flatMap((job) =>
    ["service", "timer"]
      .map((kind) => `plakar-${job}@.${kind}`)
      .map((name) => file(`packaging/systemd/${name}`, `${folder}/${name}`)),
  );
}

function file(source: string, target: string, kind?: PackagedFile["kind"]): PackagedFile {
  return { source, target, mode: 0o644, kind };
}
