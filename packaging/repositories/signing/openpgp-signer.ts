import { decryptKey, enums, type PrivateKey, type PublicKey, readPrivateKeys, type SignaturePacket } from "openpgp";
import { messageOf, RepositoryError } from "../repository-error.ts";

/** An OpenPGP key that may sign (RFC 9580; of version 4, as every client knows). */
export interface OpenPgpSigner {
  /** In upper case, as `gpg` shows it. */
  readonly fingerprint: string;
  /** Armored. */
  readonly publicKey: string;
  readonly privateKey: PrivateKey;
  /** When it was made, or prolonged last, in seconds since 1970. */
  readonly changedSeconds: number;
  /** From when on it cannot sign, in seconds since 1970; undefined is never. */
  readonly expiresSeconds: number | undefined;
}

export interface SignerOptions {
  readonly passphrase: string | undefined;
  /** When it is going to sign. */
  readonly timeSeconds: number;
}

/** Every private key in an armored text, unlocked, and fit to sign at that time. */
export async function readOpenPgpSigners(armored: string, options: SignerOptions): Promise<OpenPgpSigner[]> {
  const blocks = armored.match(/-----BEGIN PGP PRIVATE KEY BLOCK-----[\s\S]*?-----END PGP PRIVATE KEY BLOCK-----/g);
  const advice = "give private keys as `gpg --armor --export-secret-keys` prints them";
  if (blocks === null) throw new RepositoryError("key", "there is no OpenPGP private key in what was given", advice);
  const keys = await Promise.all(blocks.map((armoredKeys) => readPrivateKeys({ armoredKeys }))).catch(
    (cause: unknown) => {
      throw new RepositoryError("key", "the OpenPGP key cannot be read", advice, cause);
    },
  );
  return Promise.all(keys.flat().map((key) => makeSigner(key, options)));
}

async function makeSigner(locked: PrivateKey, { passphrase, timeSeconds }: SignerOptions): Promise<OpenPgpSigner> {
  const fingerprint = locked.getFingerprint().toUpperCase();
  requireStrength(locked, fingerprint);
  const privateKey = await unlock(locked, fingerprint, passphrase);
  const date = new Date(timeSeconds * 1000);
  await privateKey.getSigningKey(undefined, date).catch((cause: unknown) => {
    throw new RepositoryError(
      "key",
      `the OpenPGP key ${fingerprint} cannot sign on ${date.toISOString().slice(0, 10)}: ${messageOf(cause)}`,
      "prolong it (gpg --quick-set-expire) and publish it anew, or sign with its successor (docs/repositories.md, Keys)",
      cause,
    );
  });
  const expires = await privateKey.getExpirationTime();
  const expiresSeconds = expires instanceof Date ? expires.getTime() / 1000 : undefined;
  const publicKey = privateKey.toPublic();
  const changedSeconds = lastChange(publicKey);
  return { fingerprint, publicKey: publicKey.armor(), privateKey, changedSeconds, expiresSeconds };
}

/** Every change of a key is a signature in it (RFC 9580 section 10.1). */
function lastChange(key: PublicKey): number {
  const signatures = key.toPacketList().filterByTag(enums.packet.signature) as readonly SignaturePacket[];
  const times = [key.getCreationTime(), ...signatures.map(({ created }) => created)];
  return Math.max(...times.map((time) => (time?.getTime() ?? 0) / 1000));
}

async function unlock(key: PrivateKey, fingerprint: string, passphrase: string | undefined): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  const advice = "give its passphrase";
  if (passphrase === undefined) throw new RepositoryError("key", `the OpenPGP key ${fingerprint} is locked`, advice);
  return decryptKey({ privateKey: key, passphrase }).catch((cause: unknown) => {
    throw new RepositoryError("key", `the OpenPGP key ${fingerprint} is not unlocked by the passphrase`, advice, cause);
  });
}

/** rpm of Enterprise Linux 8 knows no elliptic curves of OpenPGP, and nobody should trust shorter RSA keys any more. */
function requireStrength(key: PrivateKey, fingerprint: string): void {
  const { algorithm, bits = 0 } = key.getAlgorithmInfo();
  if (algorithm.startsWith("rsa") && bits >= 3072) return;
  const kind = bits > 0 ? `${algorithm} of ${bits} bits` : algorithm;
  throw new RepositoryError("key", `the OpenPGP key ${fingerprint} is ${kind}`, "use RSA of 4096 bits");
}
