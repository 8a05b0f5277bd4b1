import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installScript } from "../../packaging/install/index.ts";
import { suiteOfRelease } from "../repositories/suites.ts";
import { checksumsOf } from "../support/checksums.ts";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** `install.sh`, beside the packages and in the repositories. */
export async function writeInstallScript(release: Release): Promise<Outcome> {
  const { version, addresses, packages, repositories, keys } = release;
  const script = installScript({
    version,
    suite: suiteOfRelease(version),
    ...addresses,
    pgpKey: readFileSync(join(repositories, "keys/plakar.asc")),
    apkKey: { name: keys.apk.name, content: readFileSync(join(repositories, "keys", keys.apk.name)) },
    archives: checksumsOf(packages, globSync("*.tar.gz", { cwd: packages })),
  });
  const file = join(packages, "install.sh");
  writeFileSync(file, script, { mode: 0o755 });
  return { files: [file] };
}
