import { generateKeyPairSync } from "node:crypto";
import { generateKey } from "openpgp";

const bits = 4096;

/** Older than anything that it may have to sign: times come from SOURCE_DATE_EPOCH, and signatures before the key count for nothing. */
const created = new Date("2000-01-01T00:00:00Z");

/** An armored private OpenPGP key without passphrase and without end, for trying things out. */
export async function makeThrowAwayOpenPgpKey(): Promise<string> {
  const { privateKey } = await generateKey({
    type: "rsa",
    rsaBits: bits,
    userIDs: [{ name: "Plakar throw-away key, trust it with nothing" }],
    date: created,
    format: "armored",
    subkeys: [],
  });
  return privateKey;
}

/** A PEM private RSA key for trying apk out. */
export function makeThrowAwayApkKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return privateKey.export({ type: "pkcs8", format: "pem" });
}
