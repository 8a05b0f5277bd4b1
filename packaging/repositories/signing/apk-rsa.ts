import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { RepositoryError } from "../repository-error.ts";

/** An RSA key that signs apk's indexes. */
export interface ApkSigner {
  /** What the public key's file is called in /etc/apk/keys: signatures refer to it by that name. */
  readonly keyName: string;
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/** Every PEM private key in a text. The names bear a piece of each key's digest, so that a new key has another name. */
export function readApkSigners(pem: string): ApkSigner[] {
  const advice = "give RSA keys as `openssl genrsa 4096` prints them";
  const blocks = pem.match(/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g);
  if (blocks === null)
    throw new RepositoryError("key", "there is no PEM private key in what was given for apk", advice);
  return blocks.map((block) => {
    try {
      return makeSigner(createPrivateKey(block));
    } catch (cause) {
      if (cause instanceof RepositoryError) throw cause;
      throw new RepositoryError("key", "the key for apk cannot be read", advice, cause);
    }
  });
}

function makeSigner(privateKey: KeyObject): ApkSigner {
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey.asymmetricKeyType !== "rsa" || bits < 3072)
    throw new RepositoryError(
      "key",
      `the key for apk is ${privateKey.asymmetricKeyType} of ${bits} bits`,
      "use RSA of 4096 bits",
    );
  const key = createPublicKey(privateKey);
  const publicKey = key.export({ type: "spki", format: "pem" });
  const id = createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 8);
  return { keyName: `plakar-${id}.rsa.pub`, publicKey, privateKey };
}

/** RSA PKCS #1 v1.5 over SHA-256, what apk calls RSA256. The same bytes and key give the same signature. */
export function signApk(content: Uint8Array, { privateKey }: ApkSigner): Uint8Array {
  return sign("sha256", content, privateKey);
}

export function verifyApk(content: Uint8Array, signature: Uint8Array, publicKey: string): boolean {
  return verify("sha256", content, publicKey, signature);
}
