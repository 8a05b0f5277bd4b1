import { hasNative } from "./native.ts";
import { hasProgram } from "./programs.ts";

/** What of a file this process can read and write beyond Node's own fs. */
export interface Capabilities {
  readonly extendedAttributes: boolean;
  readonly fifos: boolean;
  readonly deviceNodes: boolean;
  /** False: times are written to about a quarter of a microsecond. */
  readonly exactTimes: boolean;
  readonly holes: boolean;
  readonly fileLocks: boolean;
  readonly inodeFlags: boolean;
  readonly mounts: boolean;
  readonly accountNames: boolean;
  /** Why something above is false; undefined when all is there. */
  readonly reason: string | undefined;
}

/** What works here; whether a file system supports it is seen at each call only. */
export function capabilities(): Capabilities {
  const all = {
    extendedAttributes: hasNative("llistxattr") || hasPrograms("getfattr", "setfattr"),
    fifos: hasNative("mkfifo") || hasPrograms("mkfifo"),
    deviceNodes: hasNative("mknod") || hasPrograms("mknod"),
    exactTimes: hasNative("utimensat") || hasPrograms("touch"),
    holes: hasNative("lseek"),
    fileLocks: hasNative("flock") || hasPrograms("flock"),
    inodeFlags: (hasNative("statx") && hasNative("ioctl")) || hasPrograms("lsattr", "chattr"),
    mounts: (hasNative("mount") && hasNative("umount2")) || hasPrograms("mount", "umount"),
    accountNames: (hasNative("getpwuid_r") && hasNative("getgrgid_r")) || hasPrograms("getent"),
  };
  return { ...all, reason: Object.values(all).every(Boolean) ? undefined : reason() };
}

/** Programs do it then, each call in a process of its own. */
function hasPrograms(...names: readonly string[]): boolean {
  return process.platform === "linux" && names.every(hasProgram);
}

function reason(): string {
  if (process.platform !== "linux") return `native calls are not made on ${process.platform} yet`;
  if (process.getBuiltinModule("node:ffi") === undefined) return "this Node.js has no node:ffi, or it is switched off";
  return "the C library does not export every function";
}
