import type { ByteString } from "../foundation/index.ts";
import { cPath } from "./c-string.ts";
import { hasNative, lastError, native } from "./native.ts";
import { argumentOf, runProgram } from "./programs.ts";

/** MS_RDONLY, MS_NOSUID, MS_NODEV of mount(2). */
export const MountFlag = { readOnly: 1, noSetId: 2, noDevices: 4 } as const;

interface MountOptions {
  readonly type: string;
  /** Of `MountFlag`. */
  readonly flags?: number;
  /** The file system's own options, with commas. */
  readonly data?: string;
}

/**
 * Mounts a file system of a kernel type on a directory, as mount(2) does, or without native calls mount(8). Only root may:
 * EPERM for others.
 */
export function mount(what: ByteString, directory: ByteString, options: MountOptions): void {
  if (!hasNative("mount")) return mountByProgram(what, directory, options);
  const text = (value: string): Buffer => Buffer.from(`${value}\0`, "latin1");
  const [type, data] = [text(options.type), text(options.data ?? "")];
  const status = native("mount")(text(what), cPath(directory, "mount"), type, BigInt(options.flags ?? 0), data);
  if (status !== 0) throw lastError("mount", directory);
}

const flagNames = [
  [MountFlag.readOnly, "ro"],
  [MountFlag.noSetId, "nosuid"],
  [MountFlag.noDevices, "nodev"],
] as const;

function mountByProgram(what: ByteString, directory: ByteString, options: MountOptions): void {
  const { type, flags = 0, data = "" } = options;
  const said = flagNames.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
  const all = [...said, ...(data === "" ? [] : [data])].join(",") || "defaults";
  const [source, target] = [argumentOf(what, "mount"), argumentOf(directory, "mount")];
  runProgram("mount", ["-t", type, "-o", all, source, target], directory);
}

/** UMOUNT_NOFOLLOW: never through a link. `lazy`: the mount goes when nobody uses it any more. */
export function unmount(directory: ByteString, options: { readonly lazy?: boolean } = {}): void {
  if (!hasNative("umount2")) {
    runProgram("umount", [...(options.lazy === true ? ["-l"] : []), argumentOf(directory, "umount")], directory);
    return;
  }
  const MNT_DETACH = 2;
  const UMOUNT_NOFOLLOW = 8;
  const flags = UMOUNT_NOFOLLOW | (options.lazy === true ? MNT_DETACH : 0);
  if (native("umount2")(cPath(directory, "umount2"), flags) !== 0) throw lastError("umount2", directory);
}
