import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ArchivedFile } from "../archives.ts";
import type { Runtime } from "../runtime/index.ts";

/** The static tarball: a launcher that starts the executable by the loader and with the libraries beside it, wherever that is. */
export function staticFiles(executable: string, runtime: Runtime, parts: string): ArchivedFile[] {
  const launcher = join(parts, "launcher.sh");
  writeFileSync(launcher, readFileSync("packaging/linux/launcher.sh", "utf8").replace("@LOADER@", runtime.loader));
  return [
    { source: launcher, name: "plakar", mode: 0o755 },
    { source: executable, name: "lib/plakar.bin", mode: 0o755 },
    ...runtime.libraries.map((name) => ({ source: join(runtime.folder, name), name: `lib/${name}`, mode: 0o755 })),
    ...runtime.documents.map((name) => ({
      source: join(runtime.folder, name),
      name: `lib/licenses/${name}`,
      mode: 0o644,
    })),
  ];
}
