/** nfpm from TypeScript: one typed description of a package, written as deb, rpm or apk by the real nfpm. */

export { findNfpm, nfpmVersion } from "./binary.ts";
export type { PackageDescription, PackagedFile, PackageFormat } from "./description.ts";
export { writePackage } from "./write-package.ts";
