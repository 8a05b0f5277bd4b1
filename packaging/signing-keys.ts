/** The keys that packages and repositories are signed with: configured ones, else keys for trying out. */
import type { KeyObject } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PrivateKey } from "openpgp";
import { PackagingError } from "./packaging-error.ts";
import {
  makeThrowAwayApkKey,
  makeThrowAwayOpenPgpKey,
  readApkSigners,
  readOpenPgpSigners,
  type Signing,
} from "./repositories/index.ts";

export interface SigningKeys {
  /**
   * Sign packages. While keys are replaced these are the ones before, for an rpm bears one signature only, and users get
   * the new key by an upgrade.
   */
  readonly pgp: PrivateKey;
  readonly apk: { readonly name: string; readonly privateKey: KeyObject };
  /** Sign repositories: the newest first, then those that they replace. Unlocked, and fit to sign at the time asked for. */
  readonly signers: Pick<Signing, "openPgp" | "apk">;
}

/**
 * `$PLAKAR_RELEASE_PGP_KEY` names a file with an armored OpenPGP private key, which `$PLAKAR_RELEASE_PGP_PASSPHRASE` unlocks;
 * `$PLAKAR_RELEASE_APK_KEY` one with an RSA private key in PEM; the same with `_BEFORE` behind it those of keys that are being
 * replaced. In place of what is not set there is a key without passphrase in `folder`, made the first time; `tell` hears of it.
 */
export async function findSigningKeys(
  folder: string,
  timeSeconds: number,
  tell: (message: string) => void,
): Promise<SigningKeys> {
  const pgpFiles = configured("PLAKAR_RELEASE_PGP_KEY");
  const apkFiles = configured("PLAKAR_RELEASE_APK_KEY");
  const made: string[] = [];
  if (pgpFiles.length === 0) made.push(await throwAway(join(folder, "throw-away.pgp"), makeThrowAwayOpenPgpKey));
  if (apkFiles.length === 0) made.push(await throwAway(join(folder, "throw-away.rsa"), makeThrowAwayApkKey));
  if (made.length > 0) tell(`signed with ${made.join(" and ")}, for trying out: a release needs keys of its own`);
  const ofKind = (files: readonly string[], ending: string): readonly string[] =>
    files.length > 0 ? files : made.filter((file) => file.endsWith(ending));
  const passphrase = process.env["PLAKAR_RELEASE_PGP_PASSPHRASE"];
  const openPgp = await readEach(ofKind(pgpFiles, ".pgp"), (text) =>
    readOpenPgpSigners(text, { passphrase, timeSeconds }),
  );
  const apk = await readEach(ofKind(apkFiles, ".rsa"), readApkSigners);
  return toSigningKeys({ openPgp, apk });
}

/** The keys in each of the files; what is wrong with one names its file. */
async function readEach<Key>(files: readonly string[], read: (text: string) => Key[] | Promise<Key[]>): Promise<Key[]> {
  const keys: Key[] = [];
  for (const file of files) {
    try {
      keys.push(...(await read(readFileSync(file, "utf8"))));
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      const advice = cause instanceof PackagingError ? cause.advice : "name the file of a private key";
      throw new PackagingError(`${file}: ${cause.message}`, `${advice} (packaging/README.md, Keys)`, { cause });
    }
  }
  return keys;
}

function toSigningKeys(signers: SigningKeys["signers"]): SigningKeys {
  const pgp = signers.openPgp.at(-1);
  const apk = signers.apk.at(-1);
  if (pgp === undefined || apk === undefined) throw new Error("every text of keys has one");
  return {
    pgp: pgp.privateKey,
    apk: { name: apk.keyName, privateKey: apk.privateKey },
    signers,
  };
}

/** The files that a variable and its `_BEFORE` name, the newest first. */
function configured(variable: string): string[] {
  return [variable, `${variable}_BEFORE`].flatMap((name) => {
    const file = process.env[name] ?? "";
    if (file === "") return [];
    if (!existsSync(file))
      throw new PackagingError(`${name} names ${file}, which is not there`, "name the file of a private key");
    return [file];
  });
}

/** Makes the file if there is none. Two that do so at once end with the key of one of them. */
async function throwAway(file: string, make: () => string | Promise<string>): Promise<string> {
  if (existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.unfinished-${process.pid}`;
  writeFileSync(own, await make(), { mode: 0o600 });
  try {
    linkSync(own, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(own);
  }
  return file;
}
