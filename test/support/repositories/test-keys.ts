import { generateKeyPairSync } from "node:crypto";
import { generateKey } from "openpgp";
import { readApkSigners, readOpenPgpSigners, type Signing } from "../../../packaging/repositories/index.ts";

export interface TestKeys {
  readonly openPgpPrivate: string;
  readonly apkPrivate: string;
  readonly signing: Signing;
}

/** New keys, made on a day, which sign at a time that the test chooses. Of no more bits than must be: making them takes long. */
export async function makeTestKeys(
  timeSeconds: number,
  day = "2020-01-01",
  keyExpirationTime = 0, // never
): Promise<TestKeys> {
  const openPgpPrivate = await makeOpenPgpKey(new Date(day), keyExpirationTime);
  const apkPrivate = makeApkKey();
  const openPgp = await readOpenPgpSigners(openPgpPrivate, { passphrase: undefined, timeSeconds });
  const signing = { openPgp, apk: readApkSigners(apkPrivate), timeSeconds, validForSeconds: undefined };
  return { openPgpPrivate, apkPrivate, signing };
}

const bits = 3072;

async function makeOpenPgpKey(date: Date, keyExpirationTime: number): Promise<string> {
  const userIDs = [{ name: "Test key" }];
  const { privateKey } = await generateKey({
    type: "rsa",
    rsaBits: bits,
    userIDs,
    date,
    keyExpirationTime,
    subkeys: [],
    format: "armored",
  });
  return privateKey;
}

function makeApkKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return privateKey.export({ type: "pkcs8", format: "pem" });
}

/** Both sign, as they do while one replaces the other. */
export function signingTogether(first: Signing, second: Signing): Signing {
  return { ...first, openPgp: [...first.openPgp, ...second.openPgp], apk: [...first.apk, ...second.apk] };
}
