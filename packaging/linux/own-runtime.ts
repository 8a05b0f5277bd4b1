/** Executable, loader and libraries at a fixed place, for systems without a fitting C library. */
import { execFileSync } from "node:child_process";
import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PackagedFile } from "../nfpm-wrapper/index.ts";
import { PackagingError } from "../packaging-error.ts";
import type { Runtime } from "../runtime/index.ts";

/** Where a package installs loader and libraries. */
const folder = "/usr/lib/plakar";

/** A copy of an executable that names its own loader and libraries. Needs patchelf. */
export function bindToOwnRuntime(executable: string, { loader, pageSize }: Runtime, output: string): string {
  const unfinished = `${output}.unfinished-${process.pid}`;
  try {
    copyFileSync(executable, unfinished);
    // RPATH, not RUNPATH: it goes for the libraries of libraries too, and before the user's LD_LIBRARY_PATH
    const names = ["--set-interpreter", `${folder}/${loader}`, "--force-rpath", "--set-rpath", folder];
    execFileSync("patchelf", ["--page-size", String(pageSize), ...names, unfinished], { stdio: "inherit" });
    renameSync(unfinished, output);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new PackagingError("there is no patchelf here, which the apk needs", "apt install patchelf", { cause });
  } finally {
    rmSync(unfinished, { force: true });
  }
  return output;
}

export function ownRuntimeFiles({ folder: source, libraries, documents }: Runtime): PackagedFile[] {
  return [
    ...libraries.map((name) => ({ source: join(source, name), target: `${folder}/${name}`, mode: 0o755 })),
    ...documents.map((name) => ({
      source: join(source, name),
      target: `/usr/share/licenses/plakar/libraries/${name}`,
      mode: 0o644,
      kind: "license" as const,
    })),
  ];
}
