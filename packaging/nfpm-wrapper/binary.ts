import { execFileSync } from "node:child_process";

/** Packages are byte for byte repeatable only with one version of nfpm. */
export const nfpmVersion = "2.48.0";

/** `$NFPM` whatever its version, else the `nfpm` on PATH if it is the pinned version, else what `fetch` brings. */
export function findNfpm(fetch: () => string): string {
  const named = process.env["NFPM"];
  if (named !== undefined && named !== "") return named;
  return versionOf("nfpm") === nfpmVersion ? "nfpm" : fetch();
}

function versionOf(binary: string): string | undefined {
  try {
    const answer = execFileSync(binary, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return /^GitVersion:\s*v?(\S+)$/m.exec(answer)?.[1];
  } catch {
    return undefined;
  }
}
