import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A directory that takes `a` and `A` for one name. */
export interface FoldingDirectory {
  readonly directory: string;
  /** Whether there are links in it, of either kind. */
  readonly hasLinks: boolean;
  readonly unmount: () => void;
}

interface FoldingFileSystem {
  /** Makes it in the file `image` and mounts it at `at`; answers why it could not. */
  readonly mount: (image: string, at: string) => string | undefined;
  readonly hasLinks: boolean;
}

/** What folds case, and can be mounted somewhere: by the kernel, or by a program. */
const fileSystems: Readonly<Record<string, FoldingFileSystem>> = {
  "ext4 with casefold": {
    mount: (image, at) =>
      run("mkfs.ext4", "-q", "-O", "casefold", "-E", "encoding=utf8", image) ??
      run("mount", "-o", "loop", image, at) ??
      run("mkdir", join(at, "folding")) ??
      run("chattr", "+F", join(at, "folding")),
    hasLinks: true,
  },
  // lists every name in lower case, however it was given
  "NTFS with ignore_case": {
    mount: (image, at) => run("mkntfs", "-q", "-f", "-F", image) ?? run("lowntfs-3g", "-o", "ignore_case", image, at),
    hasLinks: true,
  },
  vfat: {
    mount: (image, at) => run("mkfs.vfat", image) ?? run("mount", "-o", "loop,quiet,utf8", image, at),
    hasLinks: false,
  },
  // gives one file as many inode numbers as it is called names
  "exFAT by FUSE": {
    mount: (image, at) => run("mkfs.exfat", image) ?? run("mount", "-t", "exfat-fuse", "-o", "loop", image, at),
    hasLinks: false,
  },
};

export const foldingKinds: readonly string[] = Object.keys(fileSystems);

/** Mounts a file system that folds case below an empty directory; answers why it could not. */
export function mountFolding(kind: string, above: string): FoldingDirectory | string {
  const { mount, hasLinks } = fileSystems[kind] as FoldingFileSystem;
  const image = join(above, "image");
  const at = join(above, "mounted");
  writeFileSync(image, "");
  truncateSync(image, 64 << 20);
  mkdirSync(at);
  const unmount = (): void => void run("umount", at);
  const reason = mount(image, at);
  const directory = existsSync(join(at, "folding")) ? join(at, "folding") : at;
  if (reason === undefined && folds(directory)) return { directory, hasLinks, unmount };
  unmount();
  return `${kind} cannot be mounted here: ${reason?.replaceAll(at, "directory") ?? "names are kept apart in it"}`;
}

function folds(directory: string): boolean {
  mkdirSync(join(directory, "Probe"));
  return existsSync(join(directory, "pROBE"));
}

function run(command: string, ...words: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(command, words, { encoding: "utf8" });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim().split("\n")[0] ?? `${command} ends with ${status}`;
}
