import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { debianChangelog } from "./deb/changelog.ts";
import { describeKeyring, type KeyringFiles, type KeyringRelease, keyringNames } from "./keyring.ts";
import { type PackageFormat, type PackageKeys, writePackage } from "./nfpm-wrapper/index.ts";
import { maintainer } from "./plakar.ts";
import { type PackageFile, publicKeyFiles, type RepositoryKind, type Signing, trustIn } from "./repositories/index.ts";

export interface KeyringOptions {
  readonly kinds: readonly RepositoryKind[];
  readonly nfpm: string;
  /** A folder for what is made on the way. */
  readonly parts: string;
}

const formats = { apt: "deb", yum: "rpm", apk: "apk" } as const;

/**
 * The keyring packages for the keys that sign. They depend on nothing but the keys, their times and versions too, so that
 * the same keys give the same bytes at any time.
 */
export async function makeKeyrings(
  signers: Pick<Signing, "openPgp" | "apk">,
  { kinds, nfpm, parts }: KeyringOptions,
): Promise<PackageFile[]> {
  const openPgp = signers.openPgp.at(-1); // users have the key before, and get the new one by this package
  const apk = signers.apk.at(-1);
  if (openPgp === undefined || apk === undefined) throw new Error("nobody signs");
  const release = releaseOf(signers);
  const files = await writeFiles(signers, release, parts);
  const keys: PackageKeys = { rpm: openPgp.privateKey, apk: { name: apk.keyName, privateKey: apk.privateKey } };
  const made: PackageFile[] = [];
  for (const kind of kinds) {
    const format: PackageFormat = formats[kind.name];
    const output = join(parts, `${keyringNames[format]}${kind.extension}`);
    await writePackage(describeKeyring(format, release, files), { nfpm, format, output, parts, keys, fast: true });
    made.push(kind.readPackage(basename(output), readFileSync(output)));
  }
  return made;
}

/**
 * A version that grows from key to key: year, day and minute in which an OpenPGP key was made or prolonged last, the minute
 * doubled, and one more when the newest key signs alone.
 */
function releaseOf({ openPgp }: Pick<Signing, "openPgp">): KeyringRelease {
  const timeSeconds = Math.max(...openPgp.map(({ changedSeconds }) => changedSeconds));
  const date = new Date(timeSeconds * 1000);
  const day = (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  const version = `${date.getUTCFullYear()}.${day}.${minute * 2 + (openPgp.length > 1 ? 0 : 1)}`;
  return { version, timeSeconds };
}

async function writeFiles(
  signers: Pick<Signing, "openPgp" | "apk">,
  { version, timeSeconds }: KeyringRelease,
  parts: string,
): Promise<KeyringFiles> {
  const write = (path: string, content: Uint8Array): string => {
    const target = join(parts, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    return target;
  };
  const trust = trustIn({ ...signers, timeSeconds, validForSeconds: undefined }, undefined);
  const written = new Map((await publicKeyFiles(trust)).map(({ path, content }) => [path, write(path, content)]));
  const changelog = debianChangelog({ version, timeSeconds, maintainer, changes: [], name: keyringNames.deb });
  return {
    binary: written.get("keys/plakar.gpg") ?? "",
    armored: written.get("keys/plakar.asc") ?? "",
    apk: new Map(signers.apk.map(({ keyName }) => [keyName, written.get(`keys/${keyName}`) ?? ""])),
    debianChangelog: write("changelog.gz", gzipSync(changelog, { level: 9 })),
  };
}
