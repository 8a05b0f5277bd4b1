/** The keys that packages and repositories are signed with: configured ones, else keys for trying out. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decryptKey, generateKey, type PrivateKey, readPrivateKey } from "openpgp";
import { PackagingError } from "./packaging-error.ts";

export interface SigningKeys {
  /** Unlocked, and fit to sign at the time that was asked for. */
  readonly pgp: PrivateKey;
  readonly apk: { readonly name: string; readonly privateKey: KeyObject };
  /** Whether one of them is a throw-away key, with which nothing must be released. */
  readonly throwAway: boolean;
}

/** Rather none than a weak one: nobody should trust shorter RSA keys any more, and rpm of Enterprise Linux 8 knows no curves. */
const shortestBits = 3072;
const bits = 4096;

/** Older than anything it may have to sign: a signature from before its key counts for nothing. */
const throwAwayCreated = new Date("2000-01-01T00:00:00Z");

/**
 * `$PLAKAR_RELEASE_PGP_KEY` names a file with an armored OpenPGP private key, which `$PLAKAR_RELEASE_PGP_PASSPHRASE` unlocks;
 * `$PLAKAR_RELEASE_APK_KEY` one with an RSA private key in PEM. In place of what is not set there is a key without
 * passphrase in `folder`, made the first time; `tell` hears of it.
 */
export async function findSigningKeys(
  folder: string,
  timeSeconds: number,
  tell: (message: string) => void,
): Promise<SigningKeys> {
  const pgpFile = configured("PLAKAR_RELEASE_PGP_KEY") ?? (await throwAway(join(folder, "throw-away.pgp"), makePgpKey));
  const apkFile = configured("PLAKAR_RELEASE_APK_KEY") ?? (await throwAway(join(folder, "throw-away.rsa"), makeRsaKey));
  const made = [pgpFile, apkFile].filter((file) => file.startsWith(join(folder, "throw-away")));
  if (made.length > 0) tell(`signed with ${made.join(" and ")}, for trying out: a release needs keys of its own`);
  return {
    pgp: await readPgpKey(pgpFile, timeSeconds),
    apk: readApkKey(apkFile),
    throwAway: made.length > 0,
  };
}

function configured(variable: string): string | undefined {
  const file = process.env[variable] ?? "";
  if (file === "") return undefined;
  if (!existsSync(file))
    throw new PackagingError(`${variable} names ${file}, which is not there`, "name the file of a private key");
  return file;
}

async function readPgpKey(file: string, timeSeconds: number): Promise<PrivateKey> {
  const refuse = (problem: string, advice: string, cause?: unknown): PackagingError =>
    new PackagingError(`the OpenPGP key ${file} ${problem}`, advice, { cause });
  const locked = await readPrivateKey({ armoredKey: readFileSync(file, "utf8") }).catch((cause: unknown) => {
    throw refuse("cannot be read", "give a private key as `gpg --armor --export-secret-keys` prints it", cause);
  });
  const { algorithm, bits: length = 0 } = locked.getAlgorithmInfo();
  if (!algorithm.startsWith("rsa") || length < shortestBits)
    throw refuse(`is ${algorithm}${length > 0 ? ` of ${length} bits` : ""}`, `use RSA of ${bits} bits`);
  const passphrase = process.env["PLAKAR_RELEASE_PGP_PASSPHRASE"];
  const advice = "set PLAKAR_RELEASE_PGP_PASSPHRASE to its passphrase";
  if (!locked.isDecrypted() && passphrase === undefined) throw refuse("is locked", advice);
  const key = locked.isDecrypted()
    ? locked
    : await decryptKey({ privateKey: locked, passphrase: passphrase ?? "" }).catch((cause: unknown) => {
        throw refuse("is not unlocked by the passphrase", advice, cause);
      });
  const date = new Date(timeSeconds * 1000);
  await key.getSigningKey(undefined, date).catch((cause: unknown) => {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw refuse(
      `cannot sign on ${date.toISOString().slice(0, 10)}: ${problem}`,
      "prolong it, or use its successor",
      cause,
    );
  });
  return key;
}

/** The name bears a piece of the key's digest, so that another key has another name. */
function readApkKey(file: string): SigningKeys["apk"] {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(readFileSync(file));
  } catch (cause) {
    const advice = "give an RSA private key as `openssl genrsa 4096` prints it";
    throw new PackagingError(`the key for apk, ${file}, cannot be read`, advice, { cause });
  }
  const length = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey.asymmetricKeyType !== "rsa" || length < shortestBits)
    throw new PackagingError(
      `the key for apk, ${file}, is ${privateKey.asymmetricKeyType} of ${length} bits`,
      `use RSA of ${bits} bits`,
    );
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const id = createHash("sha256").update(publicKey).digest("hex").slice(0, 8);
  return { name: `plakar-${id}.rsa.pub`, privateKey };
}

/** Makes the file if there is none. Two that do so at once end with the key of one of them. */
async function throwAway(file: string, make: () => string | Promise<string>): Promise<string> {
  if (existsSync(file)) return file;
  mkdirSync(join(file, ".."), { recursive: true });
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

async function makePgpKey(): Promise<string> {
  const { privateKey } = await generateKey({
    type: "rsa",
    rsaBits: bits,
    userIDs: [{ name: "Plakar throw-away key, trust it with nothing" }],
    date: throwAwayCreated,
    format: "armored",
    subkeys: [],
  });
  return privateKey;
}

function makeRsaKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return privateKey.export({ type: "pkcs8", format: "pem" });
}
