import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { installScript } from "../../packaging/install/index.ts";
import { suiteOfRelease } from "../repositories/suites.ts";
import { checksumsOf } from "../support/checksums.ts";
import { isBelow } from "../support/is-below.ts";
import { writeWhole } from "../support/write-whole.ts";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** `install.sh`, beside the packages and in the repositories. */
export async function writeInstallScript(release: Release, made: readonly string[]): Promise<Outcome> {
  const { version, addresses, packages, repositories, keys } = release;
  const archives = made
    .filter((file) => isBelow(packages, file) && file.endsWith(".tar.gz"))
    .map((file) => basename(file));
  const script = installScript({
    version,
    suite: suiteOfRelease(version),
    ...addresses,
    pgpKey: readFileSync(join(repositories, "keys/plakar.asc")),
    apkKey: { name: keys.apk.name, content: readFileSync(join(repositories, "keys", keys.apk.name)) },
    archives: checksumsOf(packages, archives),
  });
  const file = join(packages, "install.sh");
  writeWhole(file, script, 0o755);
  return { files: [file] };
}
