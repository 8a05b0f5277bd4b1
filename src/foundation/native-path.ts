import type { ByteString } from "./byte-string.ts";
import { fromWindowsPath, toWindowsPath } from "./windows-path.ts";

const isWindows = process.platform === "win32";

// oxlint-disable-next-line no-control-regex -- ASCII is the point
const ascii = /^[\u0000-\u007f]*$/;

/** What Node's fs takes for a path: the string itself where it is ASCII (fast), else a Buffer. On Windows as it is there. */
export function toFsPath(path: ByteString): string | Buffer {
  const value = isWindows ? toWindowsPath(path) : path;
  return ascii.test(value) ? value : Buffer.from(value, "latin1");
}

/** An absolute path as the system has it, to that of snapshots: what it is, but for Windows. */
export function fromNativePath(path: ByteString): ByteString {
  return isWindows ? fromWindowsPath(path) : path;
}
