import {
  makeThrowAwayApkKey,
  makeThrowAwayOpenPgpKey,
  readApkSigners,
  readOpenPgpSigners,
  type Signing,
} from "../../../packaging/repositories/index.ts";

export interface TestKeys {
  readonly openPgpPrivate: string;
  readonly apkPrivate: string;
  readonly signing: Signing;
}

/** New keys, which sign at a time that the test chooses. */
export async function makeTestKeys(timeSeconds: number): Promise<TestKeys> {
  const openPgpPrivate = await makeThrowAwayOpenPgpKey();
  const apkPrivate = makeThrowAwayApkKey();
  const openPgp = await readOpenPgpSigners(openPgpPrivate, { passphrase: undefined, timeSeconds });
  const signing = { openPgp, apk: readApkSigners(apkPrivate), timeSeconds, validForSeconds: undefined };
  return { openPgpPrivate, apkPrivate, signing };
}

/** Both sign, as they do while one replaces the other. */
export function signingTogether(first: Signing, second: Signing): Signing {
  return { ...first, openPgp: [...first.openPgp, ...second.openPgp], apk: [...first.apk, ...second.apk] };
}
