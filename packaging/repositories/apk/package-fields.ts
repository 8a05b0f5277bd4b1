/** What .PKGINFO says of a package. */
export interface PackageFields {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly dataDigest: string;
  /** Every line, by its key. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
}

/** Lines of `key = value` (apk-v2(5)), of which some keys occur more than once. */
export function parsePackageFields(text: string): PackageFields {
  const lines = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, key, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) lines.set(key, [...(lines.get(key) ?? []), value]);
  }
  const [name, version, architecture, dataDigest] = ["pkgname", "pkgver", "arch", "datahash"].map((key) => {
    const value = lines.get(key)?.[0];
    if (value === undefined || value === "") throw new Error(`its .PKGINFO has no ${key}`);
    return value;
  }) as [string, string, string, string];
  return { name, version, architecture, dataDigest, lines };
}

/** Letters of APKINDEX and the keys that they stand for, in the order in which apk writes them. */
const letters: readonly [letter: string, key: string][] = [
  ["T", "pkgdesc"],
  ["U", "url"],
  ["L", "license"],
  ["o", "origin"],
  ["m", "maintainer"],
  ["t", "builddate"],
  ["c", "commit"],
  ["k", "provider_priority"],
  ["D", "depend"],
  ["p", "provides"],
  ["i", "install_if"],
];

/** A package's lines in APKINDEX (apk-v2(5)). `checksum` is the SHA-1 of the control member, `Q1` and base64. */
export function writeRecord(
  { name, version, architecture, lines }: PackageFields,
  { checksum, sizeBytes }: { readonly checksum: string; readonly sizeBytes: number },
): string {
  const installedBytes = lines.get("size")?.[0] ?? "0";
  return [
    `C:${checksum}`,
    `P:${name}`,
    `V:${version}`,
    `A:${architecture}`,
    `S:${sizeBytes}`,
    `I:${installedBytes}`,
    ...letters.flatMap(([letter, key]) => {
      const values = lines.get(key) ?? [];
      return values.length === 0 ? [] : [`${letter}:${values.join(" ")}`];
    }),
  ].join("\n");
}

/** A letter's value in a package's lines; throws an Error if there is none. */
export function valueOf(record: string, letter: string): string {
  const value = new RegExp(`^${letter}:(.+)$`, "m").exec(record)?.[1];
  if (value === undefined) throw new Error(`the index has no ${letter}`);
  return value;
}
