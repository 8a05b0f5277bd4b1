import { corrupted, type ItemKind } from "../foundation/index.ts";

/* Modes are stored as Go's FileMode bits, not as st_mode (kloset-format section 7). */
const DIRECTORY = 2 ** 31;
const SYMLINK = 1 << 27;
const DEVICE = 1 << 26;
const PIPE = 1 << 25;
const SOCKET = 1 << 24;
const SETUID = 1 << 23;
const SETGID = 1 << 22;
const CHARACTER_DEVICE = 1 << 21;
const STICKY = 1 << 20;

const kindBits: Readonly<Record<ItemKind, number>> = {
  file: 0,
  directory: DIRECTORY,
  symlink: SYMLINK,
  fifo: PIPE,
  socket: SOCKET,
  "character-device": DEVICE + CHARACTER_DEVICE,
  "block-device": DEVICE,
};

/** `permissions` are `st_mode & 0o7777`. */
export function goMode(kind: ItemKind, permissions: number): number {
  let mode = kindBits[kind] + (permissions & 0o777);
  if (permissions & 0o4000) mode += SETUID;
  if (permissions & 0o2000) mode += SETGID;
  if (permissions & 0o1000) mode += STICKY;
  return mode;
}

export function itemKindOf(mode: number): ItemKind {
  if (mode >= DIRECTORY) return "directory";
  if (mode & SYMLINK) return "symlink";
  if (mode & PIPE) return "fifo";
  if (mode & SOCKET) return "socket";
  if (mode & DEVICE) return mode & CHARACTER_DEVICE ? "character-device" : "block-device";
  if (mode & ~(SETUID | SETGID | STICKY | 0o777))
    throw corrupted("mode-unknown", `an entry has the unknown mode ${mode}`);
  return "file";
}

/** Back to `st_mode & 0o7777`. */
export function permissionsOf(mode: number): number {
  return (mode & 0o777) | (mode & SETUID ? 0o4000 : 0) | (mode & SETGID ? 0o2000 : 0) | (mode & STICKY ? 0o1000 : 0);
}
