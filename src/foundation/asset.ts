import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getRawAsset, isSea } from "node:sea";
import { PlakarError, systemCode } from "./errors.ts";

/** True inside the single executable, where files of the project are assets. */
export const inExecutable: boolean = isSea();

/** The maker pkg gives executables a file system of their own, with the assets beside the bundle. */
const inFileSystemOfPkg = "pkg" in process;

/** A file made by the build: inside the executable, or in build/ while developing. Must not be written into. */
export function asset(name: string): Uint8Array<ArrayBuffer> {
  if (inFileSystemOfPkg) return new Uint8Array(readFileSync(join(import.meta.dirname, name)));
  if (inExecutable) return new Uint8Array(getRawAsset(name));
  try {
    return new Uint8Array(readFileSync(join(import.meta.dirname, "..", "..", "build", name)));
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new PlakarError("asset-missing", `build/${name} has not been built`, {
      kind: "bug",
      advice: "Run `npm run kernels` in the project's folder.",
      cause: error,
    });
  }
}
