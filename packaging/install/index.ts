/** The script that installs plakar with one command, filled with what a release knows. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface InstallFacts {
  readonly version: string;
  /** Of the repositories, the one that has this version: scripts/repositories/suites.ts. */
  readonly suite: string;
  /** Address below which `apt`, `yum`, `apk` and `keys` are. */
  readonly repositories: string;
  /** Address of the releases: files are at `download/vVERSION/NAME` below it. */
  readonly downloads: string;
  /** The armored key file, as it is published. */
  readonly pgpKey: Uint8Array;
  readonly apkKey: { readonly name: string; readonly content: Uint8Array };
  /** Lines as sha256sum writes them, of the archives. */
  readonly archives: string;
}

/** Whose value would end a quoted word, or what is not a plain address, has no business in a script that root runs. */
const harmless = /^[\w.:/@~+ \n-]*$/;

/** The script for one release. Throws where a fact could be taken for a command. */
export function installScript(facts: InstallFacts): string {
  const values: Readonly<Record<string, string>> = {
    VERSION: facts.version,
    SUITE: facts.suite,
    REPOSITORIES: facts.repositories,
    DOWNLOADS: facts.downloads,
    PGP_KEY_DIGEST: digestOf(facts.pgpKey),
    APK_KEY_NAME: facts.apkKey.name,
    APK_KEY_DIGEST: digestOf(facts.apkKey.content),
    ARCHIVES: facts.archives.trimEnd(),
  };
  for (const [name, value] of Object.entries(values))
    if (!harmless.test(value)) throw new Error(`${name} has characters that a script must not have: ${value}`);
  const template = readFileSync(join(import.meta.dirname, "install.sh"), "utf8");
  return template.replaceAll(/@([A-Z_]+)@/g, (whole, name: string) => values[name] ?? whole);
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
