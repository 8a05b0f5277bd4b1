import { readlinkSync } from "node:fs";
import { resolve } from "node:path";
import { fromBytes, toEscapedText, typedOnWindows } from "../foundation/index.ts";

/** Node's `cwd` replaces each byte that is not UTF-8 by this. */
const REPLACED = "\ufffd";

/** The absolute form of a path from the command line, taken relative to the working directory; escaped bytes stay. */
export function absolutePath(path: string): string {
  if (process.platform === "win32") return resolve(typedOnWindows(path));
  if (path.startsWith("/")) return resolve(path);
  return resolve(workingDirectory(), path);
}

function workingDirectory(): string {
  const directory = process.cwd();
  if (process.platform !== "linux" || !directory.includes(REPLACED)) return directory;
  return toEscapedText(fromBytes(readlinkSync("/proc/self/cwd", "buffer")));
}
