/** Tarballs and zips whose bytes depend on their files, and the one time that all of them get. */
import { createWriteStream, readFileSync, renameSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type Archiver, TarArchive, ZipArchive } from "archiver";

export interface ArchivedFile {
  readonly source: string;
  /** Within the archive. */
  readonly name: string;
  readonly mode: number;
}

export interface ArchiveOptions {
  readonly output: string;
  readonly timeSeconds: number;
  /** zlib's, 1 to 9. */
  readonly level: number;
}

/** Files belong to root; folders are made by whoever unpacks. */
export async function writeTarball(files: readonly ArchivedFile[], options: ArchiveOptions): Promise<void> {
  await write(new TarArchive({ gzip: true, gzipOptions: { level: options.level } }), files, options);
}

/** Times are UTC, which zip does not say. */
export async function writeZip(files: readonly ArchivedFile[], options: ArchiveOptions): Promise<void> {
  await write(new ZipArchive({ zlib: { level: options.level }, forceLocalTime: false }), files, options);
}

/** Under its own name an archive is whole, or not there. */
async function write(
  archive: Archiver,
  files: readonly ArchivedFile[],
  { output, timeSeconds }: ArchiveOptions,
): Promise<void> {
  const unfinished = `${output}.unfinished-${process.pid}`;
  const date = new Date(timeSeconds * 1000);
  try {
    const written = pipeline(archive, createWriteStream(unfinished));
    for (const { source, name, mode } of files.toSorted(byName))
      archive.append(readFileSync(source), { name, mode, date });
    await Promise.all([archive.finalize(), written]);
    renameSync(unfinished, output);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function byName(a: ArchivedFile, b: ArchivedFile): number {
  return a.name < b.name ? -1 : 1;
}
