import { numberOf, numbersOf, textOf, textsOf } from "./header-values.ts";
import type { HeaderValues, RpmHeaders } from "./rpm-header.ts";
import { relationTags, signatureTags, tags } from "./rpm-tags.ts";
import { element } from "./xml.ts";

export interface RpmFile {
  readonly digest: string;
  readonly sizeBytes: number;
  /** Below the folder that clients are given. */
  readonly href: string;
}

interface RpmPath {
  readonly path: string;
  readonly type: "dir" | "ghost" | undefined;
}

/**
 * What primary.xml, filelists.xml and other.xml say of one rpm, in this order; elements and attributes are those that
 * createrepo_c writes.
 */
export function recordsOf(headers: RpmHeaders, file: RpmFile): [primary: string, filelists: string, other: string] {
  const { header } = headers;
  const paths = pathsOf(header);
  const identity = { pkgid: file.digest, name: textOf(header, tags.name), arch: textOf(header, tags.architecture) };
  const wrap = (content: readonly string[]): string =>
    element("package", identity, [versionElement(header), ...content]);
  return [primaryRecord(headers, file, paths), wrap(paths.map(fileElement)), wrap(changes(header))];
}

function primaryRecord(
  { signature, header, headerRange }: RpmHeaders,
  file: RpmFile,
  paths: readonly RpmPath[],
): string {
  const text = (name: string, tag: number): string => element(name, {}, textOf(header, tag));
  const built = numberOf(header, tags.buildTime);
  const archive = numberOf(signature, signatureTags.archiveSize) || numberOf(header, tags.archiveSize);
  const format = [
    text("rpm:license", tags.license),
    text("rpm:vendor", tags.vendor),
    text("rpm:group", tags.group),
    text("rpm:buildhost", tags.buildHost),
    text("rpm:sourcerpm", tags.sourceRpm),
    element("rpm:header-range", headerRange),
    ...Object.keys(relationTags).map((name) => relations(header, name as keyof typeof relationTags)),
    ...paths.filter(({ path }) => isPrimary(path)).map(fileElement),
  ];
  return element("package", { type: "rpm" }, [
    text("name", tags.name),
    text("arch", tags.architecture),
    versionElement(header),
    element("checksum", { type: "sha256", pkgid: "YES" }, file.digest),
    text("summary", tags.summary),
    text("description", tags.description),
    text("packager", tags.packager),
    text("url", tags.url),
    element("time", { file: built, build: built }), // not when it was published, so that the record stays the same
    element("size", { package: file.sizeBytes, installed: numberOf(header, tags.size), archive }),
    element("location", { href: file.href }),
    element("format", {}, format),
  ]);
}

function versionElement(header: HeaderValues): string {
  const [ver, rel] = [textOf(header, tags.version), textOf(header, tags.release)];
  return element("version", { epoch: numberOf(header, tags.epoch), ver, rel });
}

const senses: Record<number, string> = { 2: "LT", 4: "GT", 8: "EQ", 10: "LE", 12: "GE" };
const senseBits = 2 | 4 | 8;
/** RPMSENSE_PREREQ, _SCRIPT_PRE and _SCRIPT_POST: needed already while it is installed. */
const earlyBits = 0x40 | 0x200 | 0x400;

function relations(header: HeaderValues, name: keyof typeof relationTags): string {
  const { names, versions, flags } = relationTags[name];
  const [versionTexts, flagNumbers] = [textsOf(header, versions), numbersOf(header, flags)];
  const entries = textsOf(header, names).flatMap((target, index) => {
    if (target.startsWith("rpmlib(")) return []; // a demand on rpm itself, no package offers it
    const flag = flagNumbers[index] ?? 0;
    const sense = senses[flag & senseBits];
    const pre = name === "requires" && (flag & earlyBits) !== 0 ? 1 : undefined;
    const version = sense === undefined ? {} : { flags: sense, ...splitVersion(versionTexts[index] ?? "") };
    return [element("rpm:entry", { name: target, ...version, pre })];
  });
  return entries.length === 0 ? "" : element(`rpm:${name}`, {}, [...new Set(entries)]);
}

function splitVersion(text: string): { epoch: string; ver: string; rel: string | undefined } {
  const [, epoch = "0", ver = "", rel] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(text) ?? [];
  return { epoch, ver, rel };
}

const directoryMode = 0o040000;
const formatMask = 0o170000;
const ghostFlag = 1 << 6;

function pathsOf(header: HeaderValues): RpmPath[] {
  const [folders, indexes] = [textsOf(header, tags.directoryNames), numbersOf(header, tags.directoryIndexes)];
  const [modes, flags] = [numbersOf(header, tags.fileModes), numbersOf(header, tags.fileFlags)];
  return textsOf(header, tags.baseNames).map((name, index) => {
    const isDirectory = ((modes[index] ?? 0) & formatMask) === directoryMode;
    const isGhost = ((flags[index] ?? 0) & ghostFlag) !== 0;
    return {
      path: `${folders[indexes[index] ?? 0] ?? ""}${name}`,
      type: isDirectory ? "dir" : isGhost ? "ghost" : undefined,
    };
  });
}

function fileElement({ path, type }: RpmPath): string {
  return element("file", { type }, path);
}

/** Files that others may depend on without downloading filelists. */
function isPrimary(path: string): boolean {
  return path.startsWith("/etc/") || path.includes("bin/") || path === "/usr/lib/sendmail";
}

/** The newest ten, as createrepo_c does. */
function changes(header: HeaderValues): string[] {
  const [times, names] = [numbersOf(header, tags.changelogTimes), textsOf(header, tags.changelogNames)];
  return textsOf(header, tags.changelogTexts)
    .slice(0, 10)
    .map((text, index) => element("changelog", { author: names[index], date: times[index] }, text))
    .toReversed();
}
