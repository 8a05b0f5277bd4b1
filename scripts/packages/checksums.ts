import { globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checksumsOf } from "../support/checksums.ts";
import { isAlive } from "../support/processes.ts";
import { writeWhole } from "../support/write-whole.ts";

const name = "SHA256SUMS";

/** Everything in the folder, as `sha256sum --check` reads it. Whole files only: nothing unfinished has a final name. */
export function writeChecksums(folder: string): string {
  const files = globSync("**/*.{deb,rpm,apk,tar.gz,zip,exe,cdx.json}", { cwd: folder });
  writeWhole(join(folder, name), checksumsOf(folder, files));
  return join(folder, name);
}

/** What a run that was killed has left behind: its process is gone. Checksums of an earlier state go as well. */
export function clearUnfinished(folder: string): void {
  for (const file of globSync("**/*.unfinished-*", { cwd: folder })) {
    const pid = Number(/\d+$/.exec(file)?.[0]);
    if (!isAlive(pid)) rmSync(join(folder, file), { recursive: true, force: true });
  }
  rmSync(join(folder, name), { force: true });
}
