/** The changelog in Debian's form, for one version: what `apt changelog` and people in /usr/share/doc read. */
export interface ChangelogEntry {
  /** The package; plakar by default. */
  readonly name?: string;
  readonly version: string;
  readonly maintainer: string;
  readonly timeSeconds: number;
  /** One line each. */
  readonly changes: readonly string[];
}

/** See deb-changelog(5). */
export function debianChangelog({
  name = "plakar",
  version,
  maintainer,
  timeSeconds,
  changes,
}: ChangelogEntry): string {
  const date = new Date(timeSeconds * 1000).toUTCString().replace("GMT", "+0000");
  const lines = changes.length > 0 ? changes : [`Version ${version}.`];
  return [
    `${name} (${version.replace("-", "~")}-1) stable; urgency=medium`,
    "",
    ...lines.map((line) => `  * ${line}`),
    "",
    ` -- ${maintainer}  ${date}`,
    "",
  ].join("\n");
}

/** The points of a version's section in CHANGELOG.md (`## [1.2.3]` or `## 1.2.3`), or none. */
export function changesOf(markdown: string, version: string): string[] {
  const lines = markdown.split("\n");
  const start = lines.findIndex(
    (line) => line.startsWith("## ") && line.replace("[", "").split(/[\s\]]/)[1] === version,
  );
  if (start < 0) return [];
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("## "));
  const section = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  return section.filter((line) => /^[-*] /.test(line)).map((line) => line.slice(2));
}
