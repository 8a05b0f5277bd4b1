/** Keys, and what they sign: OpenPGP for apt and yum, RSA for apk. */

export { type ApkSigner, readApkSigners, signApk, verifyApk } from "./apk-rsa.ts";
export { clearSign, type DetachedOptions, detachedSign, verifyClearSigned, verifyDetached } from "./openpgp.ts";
export { type OpenPgpSigner, readOpenPgpSigners, type SignerOptions } from "./openpgp-signer.ts";
export { makeThrowAwayApkKey, makeThrowAwayOpenPgpKey } from "./throw-away.ts";
