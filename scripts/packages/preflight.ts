/** What is missing is said before time is spent on building. */
import { spawnSync } from "node:child_process";
import { findNfpm, type PackageKeys } from "../../packaging/nfpm-wrapper/index.ts";
import { fetchRuntime } from "../../packaging/runtime/index.ts";
import { findSigningKeys } from "../../packaging/signing-keys.ts";
import { releaseTime } from "../support/release-time.ts";
import { ScriptError } from "../support/script-error.ts";
import { architectureOf } from "../support/targets.ts";
import { carriesLibraries, type Request, wantedKinds } from "./request.ts";

export interface Tools {
  /** Where there are Linux packages to make. */
  readonly nfpm: string | undefined;
  /** Where there are packages to sign: a deb is not, apt's repository is. */
  readonly keys: PackageKeys | undefined;
}

/** Finds or fetches everything that the request needs. Throws what a person can act on. */
export async function prepareTools(request: Request): Promise<Tools> {
  const wanted = new Set(request.targets.flatMap((target) => wantedKinds(target, request)));
  if (wanted.has("apk")) requireProgram("patchelf", "patchelf");
  if (wanted.has("deb") && !request.fast) requireProgram("xz", "xz-utils");
  if (wanted.has("installer")) requireProgram("makensis", "nsis");
  for (const target of request.targets.filter((each) => carriesLibraries(each, request)))
    fetchRuntime(architectureOf(target), ".cache");
  const isLinux = wanted.has("deb") || wanted.has("rpm") || wanted.has("apk");
  return {
    nfpm: isLinux ? findNfpm(".cache") : undefined,
    keys: wanted.has("rpm") || wanted.has("apk") ? await packageKeys() : undefined,
  };
}

async function packageKeys(): Promise<PackageKeys> {
  const tell = (message: string): void => void process.stderr.write(`${message}\n`);
  const { pgp, apk } = await findSigningKeys("dist/keys", releaseTime(), tell);
  return { rpm: pgp, apk };
}

/** Some answer `--version` with an error, but answer. */
function requireProgram(program: string, debianPackage: string): void {
  if (spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined) return;
  throw new ScriptError(`package: there is no ${program} here\nIn Debian: apt install ${debianPackage}`);
}
