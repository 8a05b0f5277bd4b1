/** Which suites a version belongs to. */
import { type PackageFile, RepositoryError } from "../../packaging/repositories/index.ts";

/** Where those find a release who install this very version: `beta` for what precedes a release, else `stable`. */
export function suiteOfRelease(version: string): "stable" | "beta" {
  const [withoutBuild = ""] = version.split("+");
  return withoutBuild.includes("-") ? "beta" : "stable";
}

/** `stable` and the suite of the line, such as `0.1`, for a package of a release; `beta` for one of what precedes it. */
export function suitesOfPackage({ fileName, version }: PackageFile): string[] {
  const [, line, rest] = /^(?:\d+:)?(\d+\.\d+)(?:\.\d+)*(.*)$/.exec(version) ?? [];
  if (line === undefined || rest === undefined)
    throw new RepositoryError("input", `${fileName}: ${version} belongs to no suite`, "name one with --suite");
  return /^[~_]/.test(rest) ? ["beta"] : ["stable", line];
}
