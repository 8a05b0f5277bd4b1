import type { ByteString } from "./byte-string.ts";

/*
 * Paths of Windows and of snapshots, which have slashes only, as the Go implementation has them:
 *
 *   C:\Users\x            /C:/Users/x
 *   \\server\share\x      /server/share/x
 *   \\?\Volume{…}\x       /?/Volume{…}/x     ("?" is no name of a server)
 *
 * No name on Windows holds a slash, a backslash or a colon, so that each of them has one form only. Both are bytes here:
 * UTF-8, and WTF-8 for names with unpaired surrogates, which is what Node reads from and hands to the system.
 */

const drive = /^\/[A-Za-z]:$/;
const separators = /[\\/]+/g;

/** A path of a snapshot as Windows takes it. What is no path of a snapshot (it begins with no slash) comes back as it is. */
export function toWindowsPath(path: ByteString): ByteString {
  if (!path.startsWith("/")) return path;
  return native(path) as ByteString;
}

/** Nearly always with the prefix that lifts the limit of 260 characters, and lets names be what they are. */
function native(path: string): string {
  const names = path.slice(1).split("/");
  const [first = ""] = names;
  const rest = names.join("\\");
  if (first === "?") return `\\\\?\\${rest.slice(2)}${names.length === 2 ? "\\" : ""}`;
  // a root is never too long, and not every system finds it behind the prefix
  if (drive.test(path)) return `${first}\\`;
  if (drive.test(`/${first}`)) return `\\\\?\\${rest}`;
  return names.length === 2 ? `\\\\${rest}\\` : `\\\\?\\UNC\\${rest}`;
}

/** A path as it is typed on Windows: `/C:/x`, which snapshots and URLs (`fs:///C:/x`) have, is `C:/x` there. */
export function typedOnWindows(path: string): string {
  return path.replace(/^\/(?=[A-Za-z]:(?:[\\/]|$))/, "");
}

/** Whether a path begins with a drive or a share, as Windows writes them: `C:\x`, `C:/x`, `C:`, `\\server\x`, `//server/x`. */
export function isWindowsPath(path: string): boolean {
  return /^(?:[A-Za-z]:(?:[\\/]|$)|[\\/]{2}[^\\/])/.test(path);
}

/** An absolute path of Windows, with or without a prefix, as snapshots have it: the letter of a drive in upper case. */
export function fromWindowsPath(path: ByteString): ByteString {
  const slashed = path.replaceAll(separators, "/").replace(/\/$/, "");
  const bare = slashed.replace(/^\/[?.]\//, "");
  const isPrefixed = bare !== slashed;
  const [, letter, below = ""] = /^([A-Za-z]):(\/.*)?$/s.exec(bare) ?? [];
  if (letter !== undefined) return `/${letter.toUpperCase()}:${below}` as ByteString;
  if (!isPrefixed) return (slashed === "" ? "/" : slashed) as ByteString;
  const share = /^UNC\/(.+)$/is.exec(bare)?.[1];
  return (share === undefined ? `/?/${bare}` : `/${share}`) as ByteString;
}

/** Whether a path stands above every drive and share: there is nothing to look at, though snapshots have it. */
export function isAboveDrives(path: ByteString): boolean {
  if (drive.test(path)) return false;
  if (path === "/" || path === "/?") return true;
  return !path.includes("/", 1);
}

/**
 * What a link points to, as snapshots have it: with slashes. `C:\a` becomes `/C:/a`, `\\server\share` `//server/share`,
 * `..\a` `../a`, and `\a`, from the root of the drive that the link is on, `/a`.
 */
export function fromWindowsTarget(target: ByteString): ByteString {
  const slashed = target.replaceAll("\\", "/").replace(/^\/\/[?.]\/(?=[A-Za-z]:)/, "");
  return (/^[A-Za-z]:(\/|$)/.test(slashed) ? `/${slashed}` : slashed) as ByteString;
}

/** The way back. `toName` makes what Windows can hold of each name. */
export function toWindowsTarget(target: ByteString, toName: (name: ByteString) => ByteString): ByteString {
  const [, letter, below] = /^\/([A-Za-z]:)(\/.*)?$/s.exec(target) ?? [];
  const path = letter === undefined ? target : (below ?? "/");
  const names = path.split("/").map((name) => (name === "." || name === ".." ? name : toName(name as ByteString)));
  return `${letter ?? ""}${names.join("\\")}` as ByteString;
}
