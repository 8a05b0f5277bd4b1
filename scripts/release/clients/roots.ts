/** Small systems to install into. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A shell, what maintainer scripts call, and nothing else. */
export function makeBareRoot(root: string): void {
  mkdirSync(join(root, "bin"), { recursive: true });
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  for (const name of ["sh", "rm"]) symlinkSync("busybox", join(root, "bin", name));
}

/** The loader and the libraries that Node is linked to here, at their places. */
export function copyOwnLibraries(root: string): void {
  const listed = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
  for (const [path] of listed.matchAll(/\/\S+/g)) {
    const place = join(root, dirname(path));
    mkdirSync(place, { recursive: true });
    copyFileSync(realpathSync(path), join(place, basename(path)));
  }
}
