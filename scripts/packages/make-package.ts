/** One kind of package from what was built: its name, and what is in it. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ArchivedFile, writeTarball, writeZip } from "../../packaging/archives.ts";
import { bindToOwnRuntime } from "../../packaging/linux/own-runtime.ts";
import { staticFiles } from "../../packaging/linux/static-files.ts";
import { type PackageFormat, writePackage } from "../../packaging/nfpm-wrapper/index.ts";
import { describePlakar } from "../../packaging/plakar.ts";
import { fetchRuntime, type Runtime } from "../../packaging/runtime/index.ts";
import { writeInstaller } from "../../packaging/windows/installer.ts";
import { architectureOf, type Target } from "../support/targets.ts";
import type { Documents } from "./documents.ts";
import type { Tools } from "./preflight.ts";
import type { Kind } from "./request.ts";

export interface Built {
  readonly target: Target;
  readonly version: string;
  readonly timeSeconds: number;
  readonly documents: Documents;
  /** For systems with a C library; for others it is patched, or started by a loader. */
  readonly executable: string;
  readonly tools: Tools;
  /** A folder for what is made on the way. */
  readonly parts: string;
  readonly fast: boolean;
}

/** Makes one package below `folder` and answers its path. */
export async function makePackage(kind: Kind, built: Built, folder: string): Promise<string> {
  const output = join(folder, nameOf(kind, built));
  mkdirSync(dirname(output), { recursive: true });
  if (kind === "tarball" || kind === "zip") await makeArchive(kind, built, output);
  else if (kind === "installer") makeInstaller(built, output);
  else await makeLinuxPackage(kind, built, output);
  return output;
}

/** apk asks a repository for names of its own, so they lie in a folder for each architecture. */
function nameOf(kind: Kind, { version, target }: Built): string {
  const architecture = architectureOf(target);
  const gnu = architecture === "amd64" ? "x86_64" : "aarch64";
  switch (kind) {
    case "deb":
      return `plakar_${version}_${architecture}.deb`;
    case "rpm":
      return `plakar-${version}-1.${gnu}.rpm`;
    case "apk":
      return `${gnu}/plakar-${version.replace(/-([a-z]+)\./, "_$1")}-r0.apk`;
    case "tarball":
    case "zip":
      return `${archiveRoot(version, target)}.${kind === "zip" ? "zip" : "tar.gz"}`;
    case "installer":
      return `${archiveRoot(version, target)}_setup.exe`;
  }
}

function archiveRoot(version: string, target: Target): string {
  return `plakar_${version}_${target.replace("-", "_")}`;
}

async function makeLinuxPackage(format: PackageFormat, built: Built, output: string): Promise<void> {
  const { version, timeSeconds, documents, target, parts, tools, fast } = built;
  if (tools.nfpm === undefined) throw new Error("no nfpm was prepared");
  const architecture = architectureOf(target);
  const release = { version, architecture, timeSeconds, changes: documents.changes };
  const description = describePlakar(format, release, { ...documents, ...programOf(format, built) });
  await writePackage(description, { nfpm: tools.nfpm, keys: tools.keys, format, output, parts, fast });
}

/** Alpine has no glibc, so there the program brings its own. */
function programOf(
  format: PackageFormat,
  { executable, target, parts }: Built,
): { executable: string; runtime?: Runtime } {
  if (format !== "apk") return { executable };
  const runtime = fetchRuntime(architectureOf(target), ".cache");
  return { executable: bindToOwnRuntime(executable, runtime, join(parts, "plakar-own-runtime")), runtime };
}

function makeInstaller({ version, timeSeconds, executable, parts, fast }: Built, output: string): void {
  writeInstaller({ version, files: [executable, "LICENSE"], timeSeconds, output, parts, fast });
}

async function makeArchive(kind: "tarball" | "zip", built: Built, output: string): Promise<void> {
  const { version, timeSeconds, target, fast } = built;
  const root = archiveRoot(version, target);
  const files = archivedFiles(built).map((file) => ({ ...file, name: `${root}/${file.name}` }));
  const options = { output, timeSeconds, level: fast ? 1 : 9 };
  await (kind === "zip" ? writeZip(files, options) : writeTarball(files, options));
}

function archivedFiles({ target, documents, executable, parts }: Built): ArchivedFile[] {
  const texts = [
    { source: "LICENSE", name: "LICENSE", mode: 0o644 },
    { source: "NOTICE", name: "NOTICE", mode: 0o644 },
    { source: "CHANGELOG.md", name: "CHANGELOG.md", mode: 0o644 },
    { source: documents.nodeLicense, name: "LICENSE.node.gz", mode: 0o644 },
  ];
  if (target === "windows-amd64") return [{ source: executable, name: "plakar.exe", mode: 0o755 }, ...texts];
  const extras = [
    ...[...documents.manPages].map(([name, source]) => ({ source, name: `share/man/man1/${name}`, mode: 0o644 })),
    { source: documents.completions.bash, name: "share/completions/plakar.bash", mode: 0o644 },
    { source: documents.completions.zsh, name: "share/completions/_plakar", mode: 0o644 },
    { source: documents.completions.fish, name: "share/completions/plakar.fish", mode: 0o644 },
  ];
  const program = target.startsWith("linux")
    ? staticFiles(executable, fetchRuntime(architectureOf(target), ".cache"), parts)
    : [{ source: executable, name: "plakar", mode: 0o755 }];
  return [...program, ...texts, ...extras];
}
