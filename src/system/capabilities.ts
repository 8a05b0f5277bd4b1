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
    extendedAttributes: hasNative("llistxattr"),
    fifos: hasNative("mkfifo") || hasProgram("mkfifo"),
    deviceNodes: hasNative("mknod") || hasProgram("mknod"),
    exactTimes: hasNative("utimensat"),
    holes: hasNative("lseek"),
    fileLocks: hasNative("flock"),
    inodeFlags: hasNative("statx") && hasNative("ioctl"),
    mounts: hasNative("mount") && hasNative("umount2"),
    accountNames: hasNative("getpwuid_r") && hasNative("getgrgid_r"),
  };
  return { ...all, reason: Object.values(all).every(Boolean) ? undefined : reason() };
}

function reason(): string {
  if (process.platform !== "linux") return `native calls are not made on ${process.platform} yet`;
  if (process.getBuiltinModule("node:ffi") === undefined) return "this Node.js has no node:ffi, or it is switched off";
  return "the C library does not export every function";
}
