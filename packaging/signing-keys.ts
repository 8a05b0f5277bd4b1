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
  /** Whether one of them is a throw-away key, with which nothing must be released. */
  readonly throwAway: boolean;
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
  const texts = { pgp: configured("PLAKAR_RELEASE_PGP_KEY"), apk: configured("PLAKAR_RELEASE_APK_KEY") };
  const made: string[] = [];
  const makeFor = async (
    kind: keyof typeof texts,
    name: string,
    make: () => string | Promise<string>,
  ): Promise<void> => {
    if (texts[kind].length > 0) return;
    const file = await throwAway(join(folder, name), make);
    texts[kind].push(readFileSync(file, "utf8"));
    made.push(file);
  };
  await makeFor("pgp", "throw-away.pgp", makeThrowAwayOpenPgpKey);
  await makeFor("apk", "throw-away.rsa", makeThrowAwayApkKey);
  if (made.length > 0) tell(`signed with ${made.join(" and ")}, for trying out: a release needs keys of its own`);
  return toSigningKeys(await readSigners(texts, timeSeconds), made.length > 0);
}

async function readSigners(
  texts: { readonly pgp: readonly string[]; readonly apk: readonly string[] },
  timeSeconds: number,
): Promise<SigningKeys["signers"]> {
  const passphrase = process.env["PLAKAR_RELEASE_PGP_PASSPHRASE"];
  try {
    const openPgp = await readOpenPgpSigners(texts.pgp.join("\n"), { passphrase, timeSeconds });
    return { openPgp, apk: readApkSigners(texts.apk.join("\n")) };
  } catch (cause) {
    if (!(cause instanceof PackagingError)) throw cause;
    throw new PackagingError(cause.message, `${cause.advice} (packaging/README.md, Keys)`, { cause });
  }
}

function toSigningKeys(signers: SigningKeys["signers"], isThrowAway: boolean): SigningKeys {
  const pgp = signers.openPgp.at(-1);
  const apk = signers.apk.at(-1);
  if (pgp === undefined || apk === undefined) throw new Error("every text of keys has one");
  return {
    pgp: pgp.privateKey,
    apk: { name: apk.keyName, privateKey: apk.privateKey },
    signers,
    throwAway: isThrowAway,
  };
}

/** What is in the files that a variable and its `_BEFORE` name, the newest first. */
function configured(variable: string): string[] {
  return [variable, `${variable}_BEFORE`].flatMap((name) => {
    const file = process.env[name] ?? "";
    return file === "" ? [] : [readKeyFile(name, file)];
  });
}

function readKeyFile(variable: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const problem = `${variable} names ${file}, which cannot be read`;
    throw new PackagingError(problem, "name the file of a private key", { cause });
  }
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
