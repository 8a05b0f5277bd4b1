import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A directory that takes `a` and `A` for one name. */
export interface FoldingDirectory {
  readonly directory: string;
  /** Whether there are links in it, of either kind. */
  readonly hasLinks: boolean;
  /** Whether it lists names as they were given to it. */
  readonly keepsSpelling: boolean;
  readonly unmount: () => void;
}

interface Attempt {
  readonly name: string;
  readonly make: (image: string, at: string) => string | undefined;
  readonly hasLinks: boolean;
  readonly keepsSpelling: boolean;
}

/** From what is nearest to the systems that people have to what is at hand nearly everywhere. */
const attempts: readonly Attempt[] = [
  {
    name: "ext4 with casefold",
    make: (image, at) =>
      run("mkfs.ext4", "-q", "-O", "casefold", "-E", "encoding=utf8", image) ??
      run("mount", "-o", "loop", image, at) ??
      run("mkdir", join(at, "folding")) ??
      run("chattr", "+F", join(at, "folding")),
    hasLinks: true,
    keepsSpelling: true,
  },
  {
    name: "ntfs with ignore_case",
    make: (image, at) => run("mkntfs", "-q", "-f", "-F", image) ?? run("lowntfs-3g", "-o", "ignore_case", image, at),
    hasLinks: true,
    keepsSpelling: false,
  },
  {
    name: "vfat",
    make: (image, at) => run("mkfs.vfat", image) ?? run("mount", "-o", "loop,quiet,utf8", image, at),
    hasLinks: false,
    keepsSpelling: true,
  },
];

/** Mounts a file system that folds case below an empty directory; answers why it could not. */
export function mountFolding(above: string): FoldingDirectory | string {
  const reasons: string[] = [];
  for (const { name, make, hasLinks, keepsSpelling } of attempts) {
    const image = join(above, "image");
    const at = join(above, "mounted");
    writeFileSync(image, "");
    truncateSync(image, 64 << 20);
    mkdirSync(at, { recursive: true });
    const unmount = (): void => void run("umount", at);
    const reason = make(image, at);
    const directory = existsSync(join(at, "folding")) ? join(at, "folding") : at;
    if (reason === undefined && folds(directory)) return { directory, hasLinks, keepsSpelling, unmount };
    unmount();
    reasons.push(`${name}: ${reason ?? "names are kept apart"}`);
  }
  return `no file system that folds case can be mounted here (${reasons.join("; ")})`;
}

function folds(directory: string): boolean {
  mkdirSync(join(directory, "Probe"));
  return existsSync(join(directory, "pROBE"));
}

function run(command: string, ...words: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(command, words, { encoding: "utf8" });
  return status === 0
    ? undefined
    : (error?.message ?? stderr.trim().split("\n").at(-1) ?? `${command} ends with ${status}`);
}
