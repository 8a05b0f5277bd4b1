import type { ByteString } from "../foundation/index.ts";
import { cPath } from "./c-string.ts";
import { lastError, native } from "./native.ts";

/** MS_RDONLY, MS_NOSUID, MS_NODEV of mount(2). */
export const MountFlag = { readOnly: 1, noSetId: 2, noDevices: 4 } as const;

/** Mounts a file system of a kernel type on a directory, as mount(2) does. Only root may: EPERM for others. */
export function mount(
  what: ByteString,
  directory: ByteString,
  options: { readonly type: string; readonly flags?: number; readonly data?: string },
): void {
  const text = (value: string): Buffer => Buffer.from(`${value}\0`, "latin1");
  const [type, data] = [text(options.type), text(options.data ?? "")];
  const status = native("mount")(text(what), cPath(directory, "mount"), type, BigInt(options.flags ?? 0), data);
  if (status !== 0) throw lastError("mount", directory);
}

/** UMOUNT_NOFOLLOW: never through a link. `lazy`: the mount goes when nobody uses it any more. */
export function unmount(directory: ByteString, options: { readonly lazy?: boolean } = {}): void {
  const MNT_DETACH = 2;
  const UMOUNT_NOFOLLOW = 8;
  const flags = UMOUNT_NOFOLLOW | (options.lazy === true ? MNT_DETACH : 0);
  if (native("umount2")(cPath(directory, "umount2"), flags) !== 0) throw lastError("umount2", directory);
}
