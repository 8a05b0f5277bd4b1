/** nfpm from TypeScript: one typed description of a package, written as deb, rpm or apk by the real nfpm, and signed. */

export type { PackageDescription, PackagedFile, PackagedFolder, PackageFormat, ScriptName } from "./description.ts";
export { findNfpm } from "./find-nfpm.ts";
export type { ApkKey } from "./sign-apk.ts";
export { type PackageKeys, writePackage } from "./write-package.ts";
