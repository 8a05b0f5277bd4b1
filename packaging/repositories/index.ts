/**
 * Package repositories for apt, dnf and apk, as plain files for any web server: indexes, signatures, merging with what is
 * published, publishing, verifying. Time, keys and places are parameters; nothing here looks at the environment.
 *
 * @example
 * const kinds = [apt("Nobody"), yum(), apk("Nobody")];
 * const openPgp = await readOpenPgpSigners(armoredKeys, { passphrase: undefined, timeSeconds });
 * const signing = { openPgp, apk: readApkSigners(pemKeys), timeSeconds, validForSeconds: undefined };
 * const repositories = { kinds, architectures: ["amd64"], trust: trustIn(signing, undefined) };
 * const place = directoryPlace("public");
 * const additions = [{ file: kinds[0].readPackage("x_1_amd64.deb", bytes), suites: ["stable"] }];
 * const settings = { repositories, signing, retention: defaultRetention };
 * const { changes } = await preparePublication(place, { additions, allowOlder: false }, settings);
 * await place.apply(changes);
 */

export { apk } from "./apk/index.ts";
export { apt } from "./apt/index.ts";
export type {
  Architecture,
  FileTree,
  KindName,
  NewFile,
  PackageFile,
  RepositoryKind,
  Section,
  Signing,
  Trust,
} from "./contract.ts";
export * from "./places/index.ts";
export type { Publication } from "./publishing/finish.ts";
export {
  type Addition,
  type PublicationRequest,
  type PublicationSettings,
  preparePublication,
} from "./publishing/prepare.ts";
export {
  type Generation,
  lastPublished,
  type PublicationRecord,
  readRecord,
  withoutRecord,
} from "./publishing/record.ts";
export { defaultRetention, keepVersions, type Retention } from "./publishing/retention.ts";
export { prepareRollback } from "./publishing/rollback.ts";
export type { Repositories } from "./publishing/state.ts";
export { type Verification, type VerifiedSections, verifySections } from "./publishing/verify.ts";
export { RepositoryError, type RepositoryErrorCode } from "./repository-error.ts";
export * from "./signing/index.ts";
export { publicKeyFiles, trustIn } from "./signing/trust.ts";
export { yum } from "./yum/index.ts";
