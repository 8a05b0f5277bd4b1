import { readKeys } from "openpgp";
import type { NewFile, Signing, Trust } from "../contract.ts";

/** What a client trusts that has the public keys of these signers. */
export function trustIn({ openPgp, apk }: Signing, timeSeconds: number | undefined): Trust {
  return {
    openPgp: openPgp.map(({ publicKey }) => publicKey),
    apk: new Map(apk.map(({ keyName, publicKey }) => [keyName, publicKey])),
    timeSeconds,
  };
}

/**
 * The public keys as users get them: armored, one block for each (rpm, dnf); the same in binary (apt before 2.4 and others
 * that want it so); and apk's under the names that signatures refer to.
 */
export async function publicKeyFiles({ openPgp, apk }: Trust): Promise<NewFile[]> {
  const keys = (await Promise.all(openPgp.map((armoredKeys) => readKeys({ armoredKeys })))).flat();
  return [
    { path: "keys/plakar.asc", content: Buffer.from(openPgp.join("")) },
    { path: "keys/plakar.gpg", content: Buffer.concat(keys.map((key) => key.write())) },
    ...[...apk].map(([keyName, pem]) => ({ path: `keys/${keyName}`, content: Buffer.from(pem) })),
  ];
}
